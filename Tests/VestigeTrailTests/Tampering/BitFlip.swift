import Foundation
import GRDB
import GRDBSQLite
import VestigeCrypto
import VestigeSQLite

@testable import VestigeTrail

/// One bit of a trail's files, turned over.
struct BitFlip: Sendable, CustomStringConvertible {
    let file: String
    let byte: Int
    let bit: Int

    enum Outcome: Sendable, Equatable {
        /// `verify` names something.
        case found
        /// The file does not open, or says that it is another trail.
        case refused
        /// SQLite's own check finds nothing, and every row of every table is the same.
        case withoutMeaning
        case unseen(String)
    }

    var description: String { "\(file) byte \(byte) bit \(bit)" }

    /// The same places for the same seed, evenly over all bits of `files`.
    static func places(_ count: Int, seed: UInt64, in files: [(name: String, bytes: [UInt8])]) -> [BitFlip] {
        var seeds = Seeded(seed)
        let total = files.reduce(0) { $0 + $1.bytes.count }
        return (0..<count).map { _ in
            var byte = Int.random(in: 0..<total, using: &seeds)
            let bit = Int.random(in: 0..<8, using: &seeds)
            for file in files {
                if byte < file.bytes.count { return BitFlip(file: file.name, byte: byte, bit: bit) }
                byte -= file.bytes.count
            }
            return BitFlip(file: files[0].name, byte: 0, bit: bit)
        }
    }
}

/// A directory in which a trail's files are put down with one bit flipped, again and again.
struct FlipBench {
    private let files: [(name: String, bytes: [UInt8])]
    private let newest: String
    private let signer: CheckpointSigner
    private let directory: ScratchDirectory
    /// What stands in all tables of the files as they were.
    private let contents: Bytes32

    init(_ files: [(name: String, bytes: [UInt8])], newest: String) throws {
        self.files = files
        self.newest = newest
        signer = try TrailFile.signer()
        directory = try ScratchDirectory()
        try FlipBench.put(files, nil, in: directory)
        let (trouble, contents) = try FlipBench.look(directory.file("trail.sqlite"))
        guard trouble == "ok" else { throw TrailError.inconsistent(trouble) }
        self.contents = contents
    }

    private static func put(_ files: [(name: String, bytes: [UInt8])], _ flip: BitFlip?, in directory: ScratchDirectory) throws {
        for name in ["trail.sqlite", "trail.sqlite-wal", "trail.sqlite-shm"] { unlink(directory.file(name)) }
        for var file in files {
            if let flip, flip.file == file.name { file.bytes[flip.byte] ^= 1 << UInt8(flip.bit) }
            try directory.write(file.bytes, file.name)
        }
    }

    func outcome(of flip: BitFlip) throws -> BitFlip.Outcome {
        try FlipBench.put(files, flip, in: directory)
        do {
            let store = try SQLiteTrailStore.open(in: directory.path)
            defer { try? store.close() }
            // Vault and keyring know which trail they belong to.
            guard store.identity == TrailFile.identity else { return .refused }
            do {
                let report = try TrailVerifier(store: store, key: signer.verifierKey, others: [newest]).verify()
                if report.verdict != .intact { return .found }
            } catch {
                return .unseen("verification gave up: \(error)")
            }
        } catch {
            return .refused
        }
        // Looking may have written the log back: once more from the start.
        try FlipBench.put(files, flip, in: directory)
        do {
            let (trouble, found) = try FlipBench.look(directory.file("trail.sqlite"))
            return trouble != "ok" ? .unseen("SQLite finds \(trouble)") : found == contents ? .withoutMeaning : .unseen("a row is another")
        } catch {
            return .unseen("SQLite cannot read it: \(error)")
        }
    }

    /// SQLite's own check, and a digest over every column of every row in every table, and the schema.
    private static func look(_ path: String) throws -> (trouble: String, contents: Bytes32) {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            let trouble = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)").joined(separator: "; ")
            guard trouble == "ok" else { return (trouble, .zero) }
            var hasher = SHA256Hasher()
            let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            for query in ["SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"] + tables.map({ "SELECT * FROM \"\($0)\"" }) {
                try digest(db, query, into: &hasher)
            }
            return (trouble, hasher.finish())
        }
    }

    private static func digest(_ db: Database, _ query: String, into hasher: inout SHA256Hasher) throws {
        let statement = try db.makeStatement(sql: query)
        let handle = statement.sqliteStatement
        hasher.update(Array(query.utf8))
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else {
                if code == SQLITE_DONE { return }
                throw TrailError.inconsistent("reading gave SQLite error \(code)")
            }
            for column in 0..<sqlite3_column_count(handle) {
                let type = sqlite3_column_type(handle, column)
                var bytes = [UInt8(truncatingIfNeeded: type)]
                if type == SQLITE_INTEGER {
                    bytes.append(bigEndian: sqlite3_column_int64(handle, column))
                } else if let start = sqlite3_column_blob(handle, column) {
                    let count = Int(sqlite3_column_bytes(handle, column))
                    bytes.append(bigEndian: UInt64(count))
                    bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
                }
                hasher.update(bytes)
            }
        }
    }
}
