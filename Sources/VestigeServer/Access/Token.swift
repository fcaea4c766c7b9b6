package import VestigeTrail

/// What the desk keeps of a bearer token: never the token itself, and nobody's id or name, only a pseudonym. Whoever is erased has no token
/// that works any more.
package struct Token: Sendable, Equatable, Codable {
    /// Names it in lists and in entries. It is not the secret and does not lead to it.
    package let id: String
    /// A role of the policy's `access.roles`, or `self`.
    package let role: String
    /// How its holder is recorded: a kind of actor; for `self` the type of their record.
    package let kind: String
    /// The holder's pseudonym, hexadecimal: the acting one, for `self` the one as a subject.
    package let holder: String
    /// Microseconds since 1970, as all of its times.
    package let created: Int64
    /// The first moment at which it is worth nothing.
    package let expires: Int64
    /// Ranges from which alone it may be used; empty: from wherever the policy's addresses allow.
    package let addresses: [String]
    /// Requests a minute; `nil`: as many as the service's own limit.
    package let perMinute: Int?
    package var revoked: Int64?
    /// To the minute.
    package var lastUsed: Int64?

    package static let selfRole = "self"

    package var isSelf: Bool { role == Token.selfRole }

    package func isGood(at now: Timestamp) -> Bool { revoked == nil && now.microseconds < expires }

    /// What a list tells of it.
    package func write(to json: inout JSONWriter, at now: Timestamp) {
        json.object { json in
            json.member("id", id)
            json.member("role", role)
            json.member("kind", kind)
            json.member("holder", holder)
            json.member("state", state(at: now))
            json.member("created", Timestamp(microseconds: created).description)
            json.member("expires", Timestamp(microseconds: expires).description)
            json.member("revoked", revoked.map { Timestamp(microseconds: $0).description })
            json.member("last_used", lastUsed.map { Timestamp(microseconds: $0).description })
            json.member("addresses", addresses)
            guard let perMinute else { return }
            json.key("per_minute")
            json.integer(Int64(perMinute))
        }
    }

    /// `active`, `expired` or `revoked`.
    package func state(at now: Timestamp) -> String {
        revoked != nil ? "revoked" : isGood(at: now) ? "active" : "expired"
    }
}
