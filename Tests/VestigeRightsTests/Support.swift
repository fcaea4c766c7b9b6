import Foundation
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// The example policy of the repository.
func examplePolicy() throws -> Policy {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Policies/people-directory.yaml")
    return try Policy.parse([UInt8](Data(contentsOf: file)), file: "people-directory.yaml")
}

func person(_ id: String) throws -> SubjectID {
    try SubjectID(type: "user", id: id)
}

let officer = AuditActor(.user, id: "900", name: "Data Protection Officer")
let asker = Asker(actor: officer, purpose: "audit", rights: Set(Right.allCases))

func order(_ id: String, _ role: ErasureRole = .both) throws -> ErasureOrder {
    ErasureOrder(subject: try person(id), role: role, caseReference: "2026-117", purpose: "audit", actor: officer)
}

func holdOrder(_ id: String, case reference: String = "L-1", type: String = "user", endsAt: Timestamp? = nil) -> HoldOrder {
    HoldOrder(
        .named(type: type, id: id), caseReference: reference, purpose: "audit", actor: officer, endsAt: endsAt,
        because: "needle: court order")
}

func releaseOrder(_ id: String, case reference: String = "L-1", type: String = "user") -> HoldReleaseOrder {
    HoldReleaseOrder(.named(type: type, id: id), caseReference: reference, purpose: "audit", actor: officer)
}

/// The message with which `body` is refused; `nil` if it is not.
func refusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
