import Synchronization
import VestigeCore

struct Person: Recordable, Equatable {
    static let recordType = "user"
    let id: String
    var name: String
    var email: String

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["name": .text(name), "email": .text(email)] }
}

struct Device: Recordable {
    static let recordType = "hardware"
    let id: String
    var serial: String
    var owner: String?

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["serial": .text(serial), "assigned_to": FieldValue(owner)] }
}

struct Note: Recordable {
    static let recordType = "note"
    let id: String
    var author: String
    var text: String

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["text": .text(text), "author": .text(author)] }
}

/// Records in memory. It finds a number however it is written: `42` under `+42` and `042`.
final class MemoryRepository<Record: Recordable>: BulkRepository, ListingRepository {
    private let rows: Mutex<[String: Record]>
    private let committed = Mutex<[Record]>([])

    init(_ records: [Record]) {
        rows = Mutex(Dictionary(records.compactMap { record in record.recordID.map { ($0, record) } }) { first, _ in first })
    }

    /// What is stored, without anybody's looking at it.
    subscript(id: String) -> Record? { rows.withLock { $0[id] } }

    /// Every record that an update left different, in the order of the updates.
    var updates: [Record] { committed.withLock { $0 } }

    private func key(_ id: String) -> String { Int(id).map(String.init) ?? id }

    func fetch(id: String) async throws -> Record? { self[key(id)] }

    /// Some records by the order of their numbers.
    func list(_ places: Range<Int>) async throws -> [Record] {
        rows.withLock { rows in
            let sorted = rows.sorted { (Int($0.key) ?? 0, $0.key) < (Int($1.key) ?? 0, $1.key) }.map(\.value)
            return Array(sorted[places.clamped(to: sorted.indices)])
        }
    }

    func create(_ record: Record) async throws -> Record {
        if let id = record.recordID { rows.withLock { $0[id] = record } }
        return record
    }

    func update(id: String, _ edit: @Sendable (inout Record) throws -> Void) async throws -> RecordUpdate<Record>? {
        try rows.withLock { rows in
            guard let before = rows[key(id)] else { return nil }
            var after = before
            try edit(&after)
            rows[key(id)] = after
            if before.recordedFields != after.recordedFields { committed.withLock { $0.append(after) } }
            return RecordUpdate(before: before, after: after)
        }
    }

    func delete(id: String) async throws -> Record? { rows.withLock { $0.removeValue(forKey: key(id)) } }

    func update(ids: [String], _ edit: @Sendable (inout Record) throws -> Void) async throws -> [RecordUpdate<Record>] {
        var updates: [RecordUpdate<Record>] = []
        for id in ids { if let update = try await update(id: id, edit) { updates.append(update) } }
        return updates
    }

    func delete(ids: [String]) async throws -> [Record] {
        rows.withLock { rows in ids.compactMap { rows.removeValue(forKey: key($0)) } }
    }
}
