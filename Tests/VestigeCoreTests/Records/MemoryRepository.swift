import Foundation
import Synchronization
import VestigeCore
import VestigePolicy

/// Records that the tests' repository can give an id to.
protocol StoredRecord: Recordable, Equatable {
    var id: String? { get set }
}

extension StoredRecord {
    var recordID: String? { id }
}

/// A person of the example policy. `nickname` is a field that it does not declare.
struct Person: StoredRecord {
    static let recordType = "user"
    var id: String?
    var name = "Ben Okafor"
    var email: String? = "ben@example.org"
    var role = "agent"
    var nickname: String?

    var recordedFields: [String: FieldValue] {
        var fields: [String: FieldValue] = ["name": .text(name), "email": FieldValue(email), "role": .text(role)]
        if let nickname { fields["nickname"] = .text(nickname) }
        return fields
    }
}

/// A piece of hardware of the example policy; its ids stand in clear. `remark` is a field that it does not declare.
struct Hardware: StoredRecord {
    static let recordType = "hardware"
    var id: String?
    var serial = "SN-1"
    var holder: String?
    var remark: String?

    var recordedFields: [String: FieldValue] {
        var fields: [String: FieldValue] = ["serial": .text(serial), "assigned_to": FieldValue(holder)]
        if let remark { fields["remark"] = .text(remark) }
        return fields
    }
}

/// A host's repository in memory. It counts what was asked of it and fails when told to.
final class MemoryRepository<Record: StoredRecord>: BulkRepository, ListingRepository {
    struct Broken: Error {}

    private struct State {
        var records: [String: Record] = [:]
        var isBroken = false
        var changes = 0
    }

    private let state: Mutex<State>

    init(_ records: [Record] = []) {
        state = Mutex(State(records: Dictionary(uniqueKeysWithValues: records.map { ($0.id ?? "", $0) })))
    }

    var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    /// How often it was asked to change something.
    var changes: Int { state.withLock { $0.changes } }

    subscript(id: String) -> Record? { state.withLock { $0.records[id] } }

    private func using<Result>(change: Bool = true, _ body: (inout [String: Record]) throws -> Result) throws -> Result {
        try state.withLock { state in
            if state.isBroken { throw Broken() }
            if change { state.changes += 1 }
            return try body(&state.records)
        }
    }

    func fetch(id: String) async throws -> Record? { try using(change: false) { $0[id] } }

    func list(_ prefix: String) async throws -> [Record] {
        try using(change: false) { records in
            records.values.filter { $0.id?.hasPrefix(prefix) == true }.sorted { ($0.id ?? "") < ($1.id ?? "") }
        }
    }

    func create(_ record: Record) async throws -> Record {
        try using { records in
            var record = record
            record.id = record.id ?? "made-\(records.count + 1)"
            records[record.id ?? ""] = record
            return record
        }
    }

    func update(id: String, _ edit: @Sendable (inout Record) throws -> Void) async throws -> RecordUpdate<Record>? {
        try await update(ids: [id], edit).first
    }

    func delete(id: String) async throws -> Record? { try await delete(ids: [id]).first }

    func update(ids: [String], _ edit: @Sendable (inout Record) throws -> Void) async throws -> [RecordUpdate<Record>] {
        try using { records in
            try ids.compactMap { id in
                guard let before = records[id] else { return nil }
                var after = before
                try edit(&after)
                records[id] = after
                return RecordUpdate(before: before, after: after)
            }
        }
    }

    func delete(ids: [String]) async throws -> [Record] {
        try using { records in ids.compactMap { records.removeValue(forKey: $0) } }
    }
}

/// The example policy with its lines edited; nil leaves a line out.
func examplePolicy(lines edit: (String) -> String?) throws -> Policy {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "Policies/people-directory.yaml"), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { edit(String($0)) }
    return try Policy.parse(Array(lines.joined(separator: "\n").utf8), file: "people-directory.yaml")
}

/// The example policy with another rule for looks at every type, and without routes, which such a rule may contradict.
func examplePolicy(reads: String) throws -> Policy {
    try examplePolicy { line in
        if line.hasPrefix("routes:") || line.hasPrefix("  - { match:") { return nil }
        return line.hasPrefix("    reads: ") ? "    reads: { \(reads) }" : line
    }
}

/// A clock that moves a millisecond each time it is read.
final class TickingClock: Sendable {
    private let time = Mutex(Int64(1_780_000_000_000_000))

    var reading: @Sendable () -> Int64 {
        {
            self.time.withLock { time in
                time += 1000
                return time
            }
        }
    }
}
