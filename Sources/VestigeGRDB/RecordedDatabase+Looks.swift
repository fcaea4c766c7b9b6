import Foundation
public import GRDB
public import VestigeCore
import VestigePolicy
import VestigeVault

extension RecordedDatabase {
    /// One record, for somebody to see. Recorded as by ``RecordedStore/fetch(id:showing:)``.
    ///
    /// - Parameters:
    ///   - id: The primary key, of one column.
    ///   - showing: The fields that will be shown, when not all of them are.
    /// - Returns: nil when there is none; outside of a request that is recorded as a failed look, which makes nobody known.
    /// - Throws: ``RecordingError`` when the look cannot be recorded; `DatabaseError`.
    public func fetch<Record>(
        _ type: Record.Type, id: some DatabaseValueConvertible & Sendable, showing: [String]? = nil
    ) async throws -> Record? where Record: Recordable & FetchableRecord & TableRecord {
        let rows = Rows<Record>(reader: writer) { db in try Record.fetchOne(db, key: id) }
        return try await RecordedStore(rows, recorder: recorder).fetch(id: text(of: id), showing: showing)
    }

    /// Records for somebody to see: one entry for all who are among them, or none where the policy logs no lists.
    ///
    /// The request is built where it runs, since GRDB's requests cannot be sent: give it as an expression,
    /// `database.list(Person.filter(Column("team") == team).limit(20))`.
    ///
    /// - Parameter isWanted: For what SQL cannot compare, since it is sealed: asked of each record of the request once its fields of `showing` are
    ///   open. Who is not wanted is not handed out, and so not recorded.
    /// - Throws: as ``fetch(_:id:showing:)``.
    public func list<Record>(
        _ request: @autoclosure @escaping @Sendable () -> QueryInterfaceRequest<Record>, showing: [String]? = nil,
        where isWanted: (@Sendable (Record) throws -> Bool)? = nil
    ) async throws -> [Record] where Record: Recordable & FetchableRecord & TableRecord {
        try await list(showing: showing, where: isWanted) { db in try request().fetchAll(db) }
    }

    /// Everybody whose searchable, sealed field equals a value in its normalised form, for somebody to see: recorded as a list.
    ///
    /// Whom the vault's blind index names is held against their row, and erased people are not found.
    ///
    /// - Parameters:
    ///   - type: A record that is the person themselves, with an id as its primary key.
    ///   - showing: The fields that will be shown, when not all of them are. The one that is searched is among them: whoever finds somebody by it
    ///     has seen it.
    /// - Throws: as ``fetch(_:id:showing:)``; ``RecordingError/unusableField(type:field:problem:)`` if the field is not `searchable`.
    public func find<Record>(
        _ type: Record.Type, where field: String, equals value: String, showing: [String]? = nil
    ) async throws -> [Record] where Record: Recordable & FetchableRecord & TableRecord {
        let values = recorder.values
        let people = try await values.find(field, of: Record.recordType, equals: value)
        let ids = people.filter { $0.type == Record.recordType }.map(\.id)
        let shown = showing.map { $0.contains(field) ? $0 : $0 + [field] }
        let hasIt: @Sendable (Record) throws -> Bool = { try values.has(value, in: field, of: $0) }
        return try await list(showing: shown, where: hasIt) { db in try Record.fetchAll(db, keys: ids) }
    }

    /// Records for somebody to see, page by page, as for a streamed body: each page is a list entry of its own, durable before
    /// its rows are handed out, whether the policy says `reads.log: list` or `detail`. Whoever stops in the middle has seen, and is recorded to have seen, the pages so far.
    ///
    /// Which rows there are, and in which order, is found out in one read of their rowids (8 bytes each); each page is then a read of
    /// its own, so that no transaction stays open meanwhile. Rows deleted since, or that the request no longer matches, are left out.
    ///
    /// - Parameters:
    ///   - request: Of a table with rowids, without grouping; its order and limit hold. An expression, as for ``list(_:showing:)``.
    ///   - size: Rows a page, 1 to 1,000.
    ///   - showing: The fields that will be shown, when not all of them are.
    public func pages<Record>(
        of request: @autoclosure @escaping @Sendable () -> QueryInterfaceRequest<Record>, size: Int = 100, showing: [String]? = nil
    ) -> RecordedPages<Record> where Record: Recordable & FetchableRecord & TableRecord {
        RecordedPages(size: min(max(1, size), RecordedPages<Record>.sizeMax)) { [writer] in
            try await writer.read { db in try request().select(Column.rowID, as: Int64.self).fetchAll(db) }
        } page: { places in
            try await self.page(showing: showing) { db in
                // The limit, and an offset with it, was applied when the rowids were read.
                try request().filter(places.contains(Column.rowID)).limit(places.count).fetchAll(db)
            }
        }
    }

    private func list<Record: Recordable>(
        showing: [String]?, where isWanted: (@Sendable (Record) throws -> Bool)? = nil,
        _ rows: @escaping @Sendable (Database) throws -> [Record]
    ) async throws -> [Record] {
        let repository = Rows<Record>(reader: writer) { _ in nil }
        return try await RecordedStore(repository, recorder: recorder).list(Rows.Query(rows: rows), showing: showing, where: isWanted)
    }

    /// A page of a download names its people also where the policy logs no lists: nothing else would.
    private func page<Record: Recordable>(
        showing: [String]?, _ rows: @escaping @Sendable (Database) throws -> [Record]
    ) async throws -> [Record] {
        guard let rule = recorder.policy.records[Record.recordType], rule.reads.logsDetail, !rule.reads.logsLists else {
            return try await list(showing: showing, rows)
        }
        let records = try await recorder.values.opened(try await writer.read(rows), only: showing)
        if var look = try Look(at: records, rule: rule) {
            if let showing { look.fields = showing }
            try await recorder.take(look)
        }
        return records
    }

    /// A key as a host would write the record's id.
    private func text(of id: some DatabaseValueConvertible) -> String {
        if let id = id as? UUID { return id.uuidString }
        return switch id.databaseValue.storage {
        case .int64(let number): String(number)
        case .string(let text): text
        case .blob(let bytes): bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        case .double, .null: "\(id)"
        }
    }
}

/// Reads of one table as a repository, so that there is one place that records looks.
private struct Rows<Record: Recordable>: ListingRepository {
    struct Query: Sendable {
        let rows: @Sendable (Database) throws -> [Record]
    }

    let reader: any DatabaseReader
    let find: @Sendable (Database) throws -> Record?

    /// The id is for the entry; the key, which may be of any type, is known to `find`.
    func fetch(id: String) async throws -> Record? {
        try await reader.read(find)
    }

    func list(_ query: Query) async throws -> [Record] {
        try await reader.read(query.rows)
    }
}
