import Foundation
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

func examplePolicy(replacing old: String = "", with new: String = "") throws -> Policy {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    var text = try String(contentsOf: root.appending(path: "Policies/people-directory.yaml"), encoding: .utf8)
    if !old.isEmpty { text = text.replacing(old, with: new) }
    return try Policy.parse(Array(text.utf8), file: "people-directory.yaml")
}

func person(_ id: String) throws -> SubjectID {
    try SubjectID(type: "user", id: id)
}

let start = Timestamp(microseconds: 1_780_000_000_000_000)

func asker(_ rights: Set<Right> = Set(Right.allCases)) -> Asker {
    Asker(actor: AuditActor(.user, id: "900", name: "Auditor"), purpose: "audit", rights: rights)
}

func look(at id: String, by actor: String = "7", minute: Int64 = 0, purpose: String = "support", status: EntryStatus = .success) -> Entry {
    Entry(
        occurredAt: start.adding(microseconds: minute * 60_000_000), event: "read", status: status,
        actor: AuditActor(.user, id: actor, name: "Name of \(actor)", ip: "10.0.0.\(actor)"), record: RecordReference(type: "user", id: id),
        fields: ["email"], purpose: purpose, page: "/people/\(id)")
}

/// Twenty looks at 42 by two people, ten at 43, one device of 42's, one refused look.
func history(_ policy: Policy? = nil) async throws -> InMemoryVestige {
    let vestige = try await InMemoryVestige(policy: try policy ?? examplePolicy(), clock: { start.adding(days: 1) })
    for minute in 0..<20 { _ = try await vestige.recorder.record(look(at: "42", by: minute % 2 == 0 ? "7" : "8", minute: Int64(minute))) }
    for minute in 20..<30 { _ = try await vestige.recorder.record(look(at: "43", minute: Int64(minute), purpose: "payroll")) }
    var device = look(at: "142", minute: 40)
    device.record = RecordReference(type: "hardware", id: "142")
    device.subjects = [EntrySubject(try person("42"))]
    device.fields = ["serial"]
    device.page = "/hardware/142"
    _ = try await vestige.recorder.record(device)
    _ = try await vestige.recorder.record(look(at: "42", by: "9", minute: 50, status: .failure))
    return vestige
}
