import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("What the recorder refuses")
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let member: String
        let change: @Sendable (inout Entry) -> Void
    }

    static let cases: [Case] = [
        Case(testDescription: "an unknown event", member: "event") { $0.event = "raed" },
        Case(testDescription: "an event of Vestige's own", member: "event") { $0.event = "erased" },
        Case(testDescription: "an unknown record type", member: "record.type") { $0.record = RecordReference(type: "usr", id: "1") },
        Case(testDescription: "an unknown purpose", member: "purpose") { $0.purpose = "suport" },
        Case(testDescription: "a missing purpose", member: "purpose") { $0.purpose = nil },
        Case(testDescription: "an unknown channel", member: "channel") { $0.channel = "pii" },
        Case(testDescription: "the channel compliance", member: "channel") { $0.channel = "compliance" },
        Case(testDescription: "a forged erasure", member: "action") { $0.action = "erasure.started" },
        Case(testDescription: "an action with another event", member: "action") { $0.action = "auth.sign_in" },
        Case(testDescription: "an undeclared role", member: "actor.role") { $0.actor?.role = "boss" },
        Case(testDescription: "an undeclared recipient", member: "recipient") { $0.recipient = "acme" },
        Case(testDescription: "an undeclared detail", member: "details") { $0.details = ["cols": .integer(1)] },
        Case(testDescription: "a detail of another kind", member: "details.rows") { $0.details = ["rows": .boolean(true)] },
        Case(testDescription: "a code that is not one of the declared", member: "details.export_format") {
            $0.details = ["export_format": .code("pdf")]
        },
        Case(testDescription: "a page with a query string", member: "page") { $0.page = "/people/42?email=a@example.org" },
        Case(testDescription: "a time over 24 hours ahead", member: "occurred_at") {
            $0.occurredAt = noon.adding(microseconds: 86_400_000_001)
        },
        Case(testDescription: "an id of 513 bytes", member: "record.id") {
            $0.record = RecordReference(type: "user", id: String(repeating: "x", count: 513))
        },
        Case(testDescription: "a user without an id who succeeds", member: "actor.id") { $0.actor?.id = nil },
        Case(testDescription: "people left out where a field names them", member: "subjects") {
            $0.record = RecordReference(type: "hardware", id: "142")
        },
        Case(testDescription: "a clear id that is no code", member: "record.id") {
            $0.record = RecordReference(type: "hardware", id: "ana@example.org")
            $0.subjects = []
        },
        Case(testDescription: "an entry over 60 KiB", member: "entry") { entry in
            entry.changes = Dictionary(
                uniqueKeysWithValues: (0..<20).map {
                    ("f\($0)", FieldChange(before: nil, after: .text(String(repeating: "x", count: 4000))))
                })
        },
    ]

    @Test("Each is named by its member, and nothing is recorded", arguments: cases)
    func refused(_ example: Case) async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: { noon })
        var entry = look(at: "42")
        example.change(&entry)
        #expect(try await refusedMember(vestige, entry) == example.member)
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("No refusal repeats a value that was given", arguments: cases)
    func silent(_ example: Case) async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: { noon })
        var entry = look(at: "Zebedee-42", by: AuditActor(.user, id: "Quintilla-7", name: "Quintilla Vex", email: "quintilla@example.org"))
        example.change(&entry)
        do {
            _ = try await vestige.recorder.record(entry)
            Issue.record("expected a refusal")
        } catch {
            for secret in ["Zebedee", "Quintilla", "quintilla", "ana@example.org", "a@example.org"] {
                #expect(!"\(error)".contains(secret))
            }
        }
    }
}
