import VestigeCrypto
public import VestigeTrail
import VestigeVault

/// A certificate of an erasure: the exact bytes of its facts, and the entry `erasure.completed` that holds their hash, with its proof.
///
/// ``check(_:by:)`` needs nothing but the file and the trail's verifier key.
public struct Certificate: Sendable, Equatable {
    /// The exact bytes that the entry's hash is of: JSON, as ``CertificateFacts/encoded()`` writes it.
    public let body: [UInt8]
    public let facts: CertificateFacts
    /// Without its header, in which the pseudonym stands, unless it was asked for.
    public let entry: EntryProof
    /// When the entry was made durable, from its leaf.
    public let completedAt: Timestamp

    /// - Throws: ``TrailError/malformedJSON(expected:offset:)`` if body or leaf is not of its form. Nothing else is checked.
    public init(body: [UInt8], entry: EntryProof) throws(TrailError) {
        facts = try CertificateFacts(decoding: body)
        guard let leaf = Leaf(decoding: entry.leaf) else { throw .malformedJSON(expected: "a leaf of version 1", offset: 0) }
        self.body = body
        self.entry = entry
        completedAt = leaf.recordedAt
    }

    /// The file: one object. Its first members say in short what body and entry say, and are checked against them; `body` is in base64; the
    /// rest are the members of `vestige prove SEQ --json`.
    public func json() -> [UInt8] {
        var json = JSONWriter(capacity: body.count * 2 + 4096)
        json.object { json in
            json.key("id")
            json.uuid(facts.erasure)
            json.member("case", facts.caseReference)
            json.member("roles", facts.roles.map(\.code))
            json.member("deferred_until", facts.deferral?.until.map(DayText.write))
            json.member("deferred_because", facts.deferral?.because)
            json.member("started_at", facts.started.at.description)
            json.member("completed_at", completedAt.description)
            json.count("started_seq", Int(clamping: facts.started.seq))
            json.count("completed_seq", Int(clamping: entry.seq))
            json.member("fence_until", facts.fenceUntil.map(DayText.write))
            json.member("body", Base64.encode(body))
            entry.write(to: &json)
        }
        return json.bytes
    }

    /// The role in the words of the entry: `both` for two keys.
    static func roleCode(_ roles: [KeyRole]) -> String { roles.count > 1 ? "both" : roles.first?.code ?? KeyRole.subject.code }
}
