import Foundation
import Testing
import VestigeCore
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

let noon = Timestamp(microseconds: 1_780_000_000_000_000)

/// The example policy of the repository.
func examplePolicy() throws -> Policy {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Policies/people-directory.yaml")
    return try Policy.parse([UInt8](Data(contentsOf: file)), file: "people-directory.yaml")
}

func person(_ id: String) throws -> SubjectID {
    try SubjectID(type: "user", id: id)
}

let ana = AuditActor(.user, id: "7", name: "Ana Lima", email: "ana@example.org", role: "agent", ip: "10.0.0.7", userAgent: "curl/8")

/// A look at person `id`, everything given.
func look(at id: String, by actor: AuditActor = ana) -> Entry {
    Entry(
        event: "read", actor: actor, record: RecordReference(type: "user", id: id), fields: ["email", "phone"], purpose: "support",
        caseReference: "T-881", page: "/people/\(id)")
}

/// The member that an entry is refused for; `nil` if it is recorded.
func refusedMember(_ vestige: InMemoryVestige, _ entry: Entry) async throws -> String? {
    do {
        _ = try await vestige.recorder.record(entry)
        return nil
    } catch RecordingError.refused(let member, _) {
        return member
    }
}
