import Foundation
import GRDB
import VestigeCrypto

@testable import VestigeTrail

/// Somebody with an SQL prompt on a trail's file, who knows the format, and has the signing key if need be.
///
/// Functions: `flip(blob, byte)`; `recorded(leaf)`, its time; `leaf_at_time_of(leaf, other)`; `tree_root(leaf)` and `tile_hashes(leaf)`
/// over rows in order; `signed(size, root)` by the trail's key, `forged(size, root)` by another of the same name.
/// Tables: `stranger` and `stranger_terms`, whole entries that hang together and stand in no trail.
struct Attacker {
    let path: String

    /// SQLite's message if it refused.
    func run(_ sql: String, withoutRules: Bool) throws -> String? {
        let queue = try DatabaseQueue(path: path, configuration: try configuration())
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            try makeStrangers(db)
            let rules = try Row.fetchAll(db, sql: "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'")
            if withoutRules { for rule in rules { try db.execute(sql: "DROP TRIGGER \"\(rule["name"] as String)\"") } }
            do {
                try db.execute(sql: sql)
            } catch let error as DatabaseError {
                return error.message ?? "no message"
            }
            if withoutRules { for rule in rules { try db.execute(sql: rule["sql"]) } }
            return nil
        }
    }

    private func configuration() throws -> Configuration {
        let (signer, forger) = (try TrailFile.signer(), try TrailFile.signer(seed: 66))
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            func define(_ name: String, _ function: @escaping @Sendable ([DatabaseValue]) -> (any DatabaseValueConvertible)?) {
                db.add(function: DatabaseFunction(name, pure: true, function: function))
            }
            define("flip") { values in
                var flipped = Attacker.bytes(values[0])
                flipped[Int.fromDatabaseValue(values[1]) ?? 0] ^= 1
                return Data(flipped)
            }
            define("recorded") { values in Leaf(decoding: Attacker.bytes(values[0]))?.recordedAt.microseconds }
            define("leaf_at_time_of") { values in
                let (leaf, other) = (Attacker.bytes(values[0]), Attacker.bytes(values[1]))
                return Data(leaf[..<17] + other[17..<25] + leaf[25...])
            }
            for (name, signer) in [("signed", signer), ("forged", forger)] {
                define(name) { values in
                    let size = UInt64(bitPattern: Int64.fromDatabaseValue(values[0]) ?? 0)
                    return Bytes32(Attacker.bytes(values[1])).map { signer.sign(TreeHead(size: size, root: $0)).note }
                }
            }
            db.add(function: DatabaseFunction("tree_root", argumentCount: 1, pure: true, aggregate: RootOfRows.self))
            db.add(function: DatabaseFunction("tile_hashes", argumentCount: 1, pure: true, aggregate: HashesOfRows.self))
        }
        return configuration
    }

    static func bytes(_ value: DatabaseValue) -> [UInt8] { Data.fromDatabaseValue(value).map { [UInt8]($0) } ?? [] }

    private func makeStrangers(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TEMP TABLE stranger(n INTEGER PRIMARY KEY, leaf, header_salt, header, payload_salt, payload, occurred_at, channel, event,
                    action, status, actor_type, purpose);
                CREATE TEMP TABLE stranger_terms(term, n);
                """)
        var seeds = Seeded(4711)
        // Recorded when the last entries were.
        let entry = try TrailFile.entry(590, &seeds, payloadByteCount: 40)
        let (header, row) = (entry.header, IndexRow(seq: 1, header: entry.header))
        try db.execute(
            sql: "INSERT INTO stranger VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                Data(entry.leaf(recordedAt: TrailFile.clock(599)).encoded()), Data(entry.headerSalt), Data(entry.headerBytes),
                Data(entry.payloadSalt), Data(entry.payloadBytes), row.occurredAt.microseconds, row.channel, row.event, row.action,
                row.status,
                row.actorType, row.purpose,
            ])
        for term in Term.all(of: header) {
            try db.execute(sql: "INSERT INTO stranger_terms VALUES (?, 1)", arguments: [Data(term.bytes)])
        }
    }
}

private struct RootOfRows: DatabaseAggregate {
    private var builder = TreeBuilder()
    mutating func step(_ values: [DatabaseValue]) { builder.push(TreeHash.leaf(Attacker.bytes(values[0]))) }
    func finalize() -> (any DatabaseValueConvertible)? { Data(builder.root.bytes) }
}

private struct HashesOfRows: DatabaseAggregate {
    private var hashes: [UInt8] = []
    mutating func step(_ values: [DatabaseValue]) { TreeHash.leaf(Attacker.bytes(values[0])).append(to: &hashes) }
    func finalize() -> (any DatabaseValueConvertible)? { Data(hashes) }
}
