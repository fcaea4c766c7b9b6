import Testing
import VestigeCore
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("The same id twice")
struct IdempotencyTests {
    private func entryWithID() -> Entry {
        var entry = look(at: "42")
        entry.id = EntryID.make(at: noon)
        return entry
    }

    @Test("is recorded once and gets the same receipt")
    func once() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let entry = entryWithID()
        let first = try await vestige.recorder.record(entry)
        #expect(try await vestige.recorder.record(entry) == first)
        #expect(try await vestige.recorded().count == 1)
    }

    @Test("at the same moment from many callers is recorded once")
    func concurrently() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let entry = entryWithID()
        let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
            for _ in 0..<64 { group.addTask { try await vestige.recorder.record(entry) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(receipts.map(\.seq)) == [0])
        #expect(try await vestige.recorded().count == 1)
    }

    static let changes: [(member: String, change: @Sendable (inout Entry) -> Void)] = [
        ("purpose", { $0.purpose = "audit" }),
        ("fields", { $0.fields = ["email"] }),
        ("actor", { $0.actor?.ip = "10.0.0.8" }),
        ("actor", { $0.actor?.id = "8" }),
        ("record", { $0.record = RecordReference(type: "user", id: "43") }),
        ("changes, page, case or justification", { $0.page = "/people/42/edit" }),
        ("occurred_at", { $0.occurredAt = noon }),
    ]

    @Test("with other fields is refused, and mints nobody", arguments: changes.indices)
    func conflict(_ place: Int) async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = entryWithID()
        entry.occurredAt = noon.adding(microseconds: -5)
        _ = try await vestige.recorder.record(entry)
        Self.changes[place].change(&entry)
        var refusal: RecordingError?
        do {
            _ = try await vestige.recorder.record(entry)
        } catch let error as RecordingError {
            refusal = error
        }
        #expect(refusal == .conflict(member: Self.changes[place].member))
        #expect(try await vestige.vault.standing(of: person("43"), as: .subject) == .unknown)
        #expect(try await vestige.vault.standing(of: person("8"), as: .acting) == .unknown)
    }

    @Test("with fewer fields gets the receipt: compared are only the fields given")
    func fewer() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = entryWithID()
        let first = try await vestige.recorder.record(entry)
        entry.page = nil
        entry.caseReference = nil
        entry.actor = AuditActor(.user, id: "7")
        #expect(try await vestige.recorder.record(entry) == first)
    }

    @Test("after an erasure the id alone decides")
    func erased() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        var entry = entryWithID()
        let first = try await vestige.recorder.record(entry)
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: person("42"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana))
        entry.page = "/people/elsewhere"
        #expect(try await vestige.recorder.record(entry) == first)
    }
}
