import Foundation
import GRDB
import VestigeCrypto
import VestigeLocal

/// The limit of `verify`: one statement reads leaves, bodies and index rows in order, another the terms, and every SHA-256 that commitments
/// and tree ask for is made, from SQLite's own memory. It checks nothing but the root.
final class BareReader {
    /// As much as a reading connection of the trail has.
    private static let cacheByteCount = 16 << 20
    private static let headerLabel = Array("vestige/header/v1".utf8) + [0]
    private static let payloadLabel = Array("vestige/payload/v1".utf8) + [0]
    private static let bodies = """
        SELECT l.leaf, b.header_salt, b.header, b.payload_salt, b.payload FROM leaves l JOIN bodies b ON b.seq = l.seq ORDER BY l.seq
        """
    private static let bodiesAndIndex = """
        SELECT l.leaf, b.header_salt, b.header, b.payload_salt, b.payload,
            i.occurred_at, i.channel, i.event, i.action, i.status, i.actor_type, i.purpose
        FROM leaves l JOIN bodies b ON b.seq = l.seq JOIN index_rows i ON i.seq = l.seq ORDER BY l.seq
        """

    private let queue: DatabaseQueue

    init(directory: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -\(Self.cacheByteCount / 1024)") }
        queue = try DatabaseQueue(path: directory + "/trail.sqlite", configuration: configuration)
    }

    /// The tree's root, from leaves and bodies alone.
    func root() throws -> Bytes32 {
        try queue.read { try Self.hashAll($0, Self.bodies) }
    }

    /// The same, with every byte of index rows and terms read as well. Gives the number of bytes in the index.
    @discardableResult
    func readEverything() throws -> Int {
        try queue.read { db in
            _ = try Self.hashAll(db, Self.bodiesAndIndex)
            var byteCount = 0
            let terms = try Row.fetchCursor(db, sql: "SELECT term, seq FROM terms ORDER BY term, seq")
            while let row = try terms.next() {
                try row.withUnsafeData(atIndex: 0) { byteCount += $0?.count ?? 0 }
                byteCount += (row[1] as Int64) > 0 ? 8 : 0
            }
            return byteCount
        }
    }

    private static func hashAll(_ db: Database, _ sql: String) throws -> Bytes32 {
        let rows = try Row.fetchCursor(db, sql: sql)
        // One subtree for each bit of the count, largest first.
        var subtrees: [Bytes32] = []
        var count = 0
        while let row = try rows.next() {
            _ = try commitment(headerLabel, row, salt: 1, bytes: 2)
            _ = try commitment(payloadLabel, row, salt: 3, bytes: 4)
            var hasher = SHA256Hasher()
            hasher.update(byte: 0)
            try update(&hasher, row, 0)
            subtrees.append(hasher.finish())
            count += 1
            for _ in 0..<count.trailingZeroBitCount { join(&subtrees) }
            guard row.count > 5 else { continue }
            _ = row[5] as Int64
            for column in 6..<row.count { try row.withUnsafeData(atIndex: column) { _ in } }
        }
        while subtrees.count > 1 { join(&subtrees) }
        return subtrees.first ?? sha256([])
    }

    private static func commitment(_ label: [UInt8], _ row: Row, salt: Int, bytes: Int) throws -> Bytes32 {
        var hasher = SHA256Hasher()
        hasher.update(label)
        try update(&hasher, row, salt)
        try update(&hasher, row, bytes)
        return hasher.finish()
    }

    private static func update(_ hasher: inout SHA256Hasher, _ row: Row, _ column: Int) throws {
        try row.withUnsafeData(atIndex: column) { data in
            data?.withUnsafeBytes { hasher.update(buffer: $0) }
        }
    }

    private static func join(_ subtrees: inout [Bytes32]) {
        guard let right = subtrees.popLast(), let left = subtrees.popLast() else { return }
        var hasher = SHA256Hasher()
        hasher.update(byte: 1)
        hasher.update(left)
        hasher.update(right)
        subtrees.append(hasher.finish())
    }

    func close() throws {
        try queue.close()
    }
}
