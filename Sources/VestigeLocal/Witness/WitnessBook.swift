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

    private static let channel = "compliance"

    private struct Item: Codable {
        let vkey: String
        let url: String
    }

    let trail: Trail

    /// In the order in which they were added.
    func witnesses() async throws -> [Witness] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.actions = [Self.added, Self.removed]
        query.channels = [Self.channel]
        var witnesses: [Witness] = []
        for entry in try await trail.page(query).reversed() {
            let (header, payload) = try await trail.proven(entry)
            guard header.channel == Self.channel, let item = Self.item(payload),
                let witness = try? Witness(recorded: item.vkey, url: item.url)
            else { throw TrailError.inconsistent("entry \(entry.seq) names no witness that can be read") }
            witnesses.removeAll { $0.key == witness.key }
            if header.action == Self.added { witnesses.append(witness) }
        }
        return witnesses
    }

    /// Keys of every witness that was ever added, the removed ones too. An entry that is not what was recorded names nobody; that it is not,
    /// verifying says.
    func keys() async throws -> [WitnessKey] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.actions = [Self.added]
        query.channels = [Self.channel]
        var keys: [WitnessKey] = []
        for entry in try await trail.page(query) {
            guard let (header, payload) = try? await trail.proven(entry), header.channel == Self.channel, header.action == Self.added,
                let key = Self.item(payload).flatMap({ try? WitnessKey($0.vkey) }), !keys.contains(key)
            else { continue }
            keys.append(key)
        }
        return keys
    }

    private static func item(_ payload: Payload) -> Item? {
        payload.items.first { $0.kind == .clear }.flatMap { try? JSONDecoder().decode(Item.self, from: Data($0.bytes)) }
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
