import Foundation
import VestigeCore
import VestigeTrail

/// Which witnesses are asked, read off the trail: whoever can write the data directory but not the trail can neither add nor remove one.
///
/// | entry | says |
/// |---|---|
/// | `trail.witness_added` | clear item `{"vkey":…,"url":…}`; detail `witness` is the key id |
/// | `trail.witness_removed` | the same, of the one removed |
/// | `trail.witness_refused` | a witness did not cosign: details `witness`, `reason`, `size`, and `seen` where it said what it saw |
struct WitnessBook {
    static let added = "trail.witness_added"
    static let removed = "trail.witness_removed"
    static let refused = "trail.witness_refused"

    private struct Item: Codable {
        let vkey: String
        let url: String
    }

    let trail: Trail

    /// In the order in which they were added.
    func witnesses() async throws -> [Witness] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.actions = [Self.added, Self.removed]
        var witnesses: [Witness] = []
        for entry in try await trail.page(query).reversed() {
            let (header, payload) = try await trail.proven(entry)
            guard header.channel == "compliance", let bytes = payload.items.first(where: { $0.kind == .clear })?.bytes,
                let item = try? JSONDecoder().decode(Item.self, from: Data(bytes)),
                let witness = try? Witness(vkey: item.vkey, url: item.url)
            else { throw TrailError.inconsistent("entry \(entry.seq) names no witness that can be read") }
            witnesses.removeAll { $0.key == witness.key }
            if header.action == Self.added { witnesses.append(witness) }
        }
        return witnesses
    }

    static func entry(_ action: String, _ witness: Witness, by actor: AuditActor) -> BuiltInEntry {
        var entry = BuiltInEntry(action: action, event: action == added ? "created" : "deleted", actor: actor)
        entry.details["witness"] = .code(witness.key.keyIDHex)
        var writer = JSONWriter()
        writer.object { json in
            json.member("vkey", "\(witness.key)")
            json.member("url", witness.url)
        }
        entry.clear = [writer.bytes]
        return entry
    }

    static func refusal(_ refusal: WitnessRefusal, by witness: Witness, size: UInt64) -> BuiltInEntry {
        var entry = BuiltInEntry(action: refused, event: "detected", actor: .system("vestige"))
        entry.status = .failure
        entry.details = [
            "witness": .code(witness.key.keyIDHex), "reason": .code(refusal.code), "size": .integer(Int64(clamping: size)),
        ]
        if let seen = refusal.seen { entry.details["seen"] = .integer(Int64(clamping: seen)) }
        return entry
    }
}
