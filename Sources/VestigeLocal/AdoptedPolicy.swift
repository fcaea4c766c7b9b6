import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail

/// The policy in force: the full text of the newest `policy.adopted` entry.
enum AdoptedPolicy {
    static let action = "policy.adopted"

    static func read(from trail: Trail) async throws -> Policy {
        var query = IndexQuery(limit: 1)
        query.channels = [Code.complianceChannel]
        query.actions = [action]
        guard let entry = try await trail.page(query).first else { throw LocalError.noPolicy }
        let (header, payload) = try await trail.proven(entry)
        guard header.action == action, header.channel == Code.complianceChannel,
            let text = payload.items.first(where: { $0.kind == .clear })?.bytes
        else { throw LocalError.damagedPolicy }
        return try Policy.parse(text, file: "adopted policy")
    }

    static func entry(_ policy: Policy, by actor: AuditActor) -> BuiltInEntry {
        var entry = BuiltInEntry(action: action, event: "adopted", actor: actor)
        entry.clear = [Array(policy.text.utf8)]
        return entry
    }
}
