import VestigeInquiry
import VestigeRights
import VestigeTrail
import VestigeVault

/// What an erasure did, for people and for programs. It names nobody.
enum ErasureText {
    static func table(_ erasure: Erasure, indent: String = "") -> String {
        Facts.rendered(
            [
                ("erasure", UUIDText.write(erasure.id)), ("case", erasure.caseReference),
                ("keys destroyed", erasure.roles.map(\.code).joined(separator: ", ")),
                ("started", "\(erasure.startedAt.forPeople), entry \(erasure.startedSeq)"),
                ("completed", "\(erasure.completedAt.forPeople), entry \(erasure.completedSeq)"),
                ("acting key", erasure.deferredUntil.map { "goes on \(Timestamp.date(fromDays: $0)): \(erasure.deferredBecause ?? "")" }),
                ("id fenced until", Timestamp.date(fromDays: erasure.fenceUntil)),
            ], indent: indent)
    }

    /// The certificate, whose first members are these; without one, these alone.
    static func json(_ erasure: Erasure) -> String {
        if let certificate = erasure.certificate { return String(decoding: certificate.json(), as: UTF8.self) }
        var writer = JSONWriter()
        writer.object { json in
            json.member("id", UUIDText.write(erasure.id))
            json.member("case", erasure.caseReference)
            json.key("roles")
            json.array { list in for role in erasure.roles { list.string(role.code) } }
            json.member("deferred_until", erasure.deferredUntil.map(Timestamp.date(fromDays:)))
            json.member("deferred_because", erasure.deferredBecause)
            json.member("started_at", erasure.startedAt.description)
            json.member("completed_at", erasure.completedAt.description)
            json.key("started_seq")
            json.integer(Int64(erasure.startedSeq))
            json.key("completed_seq")
            json.integer(Int64(erasure.completedSeq))
            json.member("fence_until", Timestamp.date(fromDays: erasure.fenceUntil))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
