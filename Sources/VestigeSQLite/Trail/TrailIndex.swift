import GRDB
import VestigeTrail

/// The index of a trail: rows and terms derived from headers, in tables of their own.
///
/// Terms stand at random places and are what recording costs; whoever wants to write them later, in sorted batches,
/// changes this type and nothing else.
struct TrailIndex {
    private let rowInsert: PreparedStatement
    private let termInsert: PreparedStatement

    init(_ db: Database) throws {
        rowInsert = try PreparedStatement(db, "INSERT INTO index_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        termInsert = try PreparedStatement(db, "INSERT INTO terms VALUES (?, ?)")
    }

    func insert(_ header: Header, seq: UInt64) throws {
        try rowInsert.bind(seq, at: 1)
        try rowInsert.bind(header.occurredAt.microseconds, at: 2)
        try rowInsert.bind(header.channel, at: 3)
        try rowInsert.bind(header.event, at: 4)
        try rowInsert.bind(header.action, at: 5)
        try rowInsert.bind(header.status.rawValue, at: 6)
        try rowInsert.bind(header.actor.type, at: 7)
        try rowInsert.bind(header.purpose, at: 8)
        try rowInsert.run()
        for term in Term.all(of: header) {
            try termInsert.bind(term.bytes, at: 1)
            try termInsert.bind(seq, at: 2)
            try termInsert.run()
        }
    }
}
