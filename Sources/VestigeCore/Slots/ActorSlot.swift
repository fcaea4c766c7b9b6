package import VestigeTrail

/// What is sealed under an actor's key.
package struct ActorSlot: Sendable, Equatable {
    package var id: String?
    package var name: String?
    package var email: String?
    package var ip: String?
    package var userAgent: String?
    package var session: String?
    /// The id of a look that failed because nobody has it.
    package var tried: String?
    /// A correlation id of another form than the header takes.
    package var correlation: String?
    // Without a slot of a subject these have no better place.
    package var page: String?
    package var caseReference: String?
    package var justification: String?
    /// Names of undeclared fields.
    package var other: [String] = []

    package init() {}

    package func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 256)
        json.object { json in
            json.member("id", id)
            json.member("name", name)
            json.member("email", email)
            json.member("ip", ip)
            json.member("user_agent", userAgent)
            json.member("session", session)
            json.member("tried", tried)
            json.member("correlation", correlation)
            json.member("page", page)
            json.member("case", caseReference)
            json.member("justification", justification)
            json.member("other", other)
        }
        return json.bytes
    }

    package init(decoding bytes: [UInt8]) throws(TrailError) {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        if json.member("id") { id = try json.string() }
        if json.member("name") { name = try json.string() }
        if json.member("email") { email = try json.string() }
        if json.member("ip") { ip = try json.string() }
        if json.member("user_agent") { userAgent = try json.string() }
        if json.member("session") { session = try json.string() }
        if json.member("tried") { tried = try json.string() }
        if json.member("correlation") { correlation = try json.string() }
        if json.member("page") { page = try json.string() }
        if json.member("case") { caseReference = try json.string() }
        if json.member("justification") { justification = try json.string() }
        if json.member("other") {
            try json.array { (json: inout JSONCursor) throws(TrailError) in other.append(try json.string()) }
        }
        try json.expect(0x7D)
    }

    /// Whether everything given here stands in `stored` too.
    func agrees(with stored: ActorSlot) -> Bool {
        given(id, stored.id) && given(name, stored.name) && given(email, stored.email) && given(ip, stored.ip)
            && given(userAgent, stored.userAgent) && given(session, stored.session) && given(tried, stored.tried)
            && given(correlation, stored.correlation) && given(page, stored.page) && given(caseReference, stored.caseReference)
            && given(justification, stored.justification) && (other.isEmpty || other == stored.other)
    }
}

/// A value that was not given agrees with any.
func given<Value: Equatable>(_ value: Value?, _ stored: Value?) -> Bool {
    value == nil || value == stored
}
