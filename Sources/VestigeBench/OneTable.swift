import Foundation
import GRDB
import VestigeCrypto
import VestigeLocal

/// Bytes of the parts of an entry, as Vestige made them in this run.
struct RowSizes: Sendable {
    let header: Int
    let payload: Int
    let salt = SealedEntry.saltByteCount
    let leaf = Leaf.byteCount

    var sum: Int { header + payload + 2 * salt + leaf }

    /// The mean of 500 entries below `end`.
    init(of trail: Trail, below end: Int) async throws {
        let step = max(1, end / 500)
        let bodies = try await trail.entries(stride(from: 1, to: max(2, end), by: step).map { UInt64($0) }).compactMap(\.body)
        guard !bodies.isEmpty else { throw BenchError.environment("the trail holds no entries to measure; give more --entries") }
        header = bodies.map(\.header.count).reduce(0, +) / bodies.count
        payload = bodies.map(\.payload.count).reduce(0, +) / bodies.count
    }
}

/// The limit of `record`: one table with header, payload, salts and leaf as columns, a unique id, and indexes on subject, actor and record.
/// Nothing is sealed, hashed or signed. Its rows are made before the clock starts.
final class OneTable {
    /// As much as the trail's writing connection has.
    private static let cacheByteCount = 64 << 20

    private let queue: DatabaseQueue
    private let sizes: RowSizes
    private let header: Data
    private let payload: Data
    private let salts = (Data(Randomness.bytes(32)), Data(Randomness.bytes(32)))
    private let people: [Data]
    private let actors = (0..<Workload.actorCount).map { _ in Data(Bytes16.random().bytes) }

    init(path: String, sizes: RowSizes, peopleCount: Int) throws {
        self.sizes = sizes
        people = (0..<peopleCount).map { _ in Data(Bytes16.random().bytes) }
        header = Data(Randomness.bytes(sizes.header))
        payload = Data(Randomness.bytes(sizes.payload))
        var configuration = Configuration()
        configuration.journalMode = .wal
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -\(Self.cacheByteCount / 1024)")
            guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2, try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else {
                throw BenchError.environment("this SQLite does not do WAL with synchronous FULL; the limit would be another one")
            }
            try db.execute(
                sql: """
                    CREATE TABLE entries(seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, subject BLOB NOT NULL, actor BLOB NOT NULL,
                        record BLOB NOT NULL, header_salt BLOB NOT NULL, header BLOB NOT NULL, payload_salt BLOB NOT NULL,
                        payload BLOB NOT NULL, leaf BLOB NOT NULL);
                    CREATE INDEX by_subject ON entries(subject);
                    CREATE INDEX by_actor ON entries(actor);
                    CREATE INDEX by_record ON entries(record);
                    """)
        }
    }

    /// Inserts the rows of `numbers`, so many in one transaction. Gives the time of the inserts alone.
    @discardableResult
    func insert(_ numbers: Range<Int>, of workload: Workload, batch: Int) throws -> Duration {
        var took = Duration.zero
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 8192) {
            let rows = (start..<min(start + 8192, numbers.upperBound)).map { row($0, workload) }[...]
            took += try ContinuousClock().measure { try insert(rows, batch: batch) }
        }
        return took
    }

    private func insert(_ rows: ArraySlice<StatementArguments>, batch: Int) throws {
        var rest = rows
        while !rest.isEmpty {
            try queue.write { db in
                let statement = try db.cachedStatement(sql: "INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                for row in rest.prefix(batch) {
                    statement.setUncheckedArguments(row)
                    try statement.execute()
                }
            }
            rest = rest.dropFirst(batch)
        }
    }

    private func row(_ number: Int, _ workload: Workload) -> StatementArguments {
        let look = workload.look(number)
        let id = Data(EntryID.make(at: LocalVestige.systemClock()).bytes.bytes)
        // A person's record is the person: the same random handle, in an index of its own.
        let person = people[look.person]
        return [id, person, actors[look.actor], person, salts.0, header, salts.1, payload, id + Data(count: sizes.leaf - id.count)]
    }

    func close() throws {
        try queue.close()
    }
}
