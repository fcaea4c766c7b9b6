import Testing
import VestigePolicy

@Suite("What the recorder asks of a policy")
struct ResolutionTests {
    let policy: Policy
    init() throws { policy = try PolicyFiles.example("people-directory") }

    @Test("looks go to the look channel, all else to the change channel")
    func channels() {
        for event in Event.allCases {
            #expect(policy.channel(for: event, record: "hardware") == (event.isLook ? "pii-read" : "hardware"))
        }
        #expect(policy.channel(for: .read, record: "car") == nil)
    }

    @Test("an action without a name is pii.<event>.<type> in pii-read, else <type>.<event>")
    func actions() {
        #expect(policy.action(for: .read, record: "user", channel: "pii-read") == "pii.read.user")
        #expect(policy.action(for: .updated, record: "user", channel: "people") == "user.updated")
    }

    @Test("a default action and a declared one are allowed, others and built-in ones are not")
    func allows() {
        #expect(policy.allows(action: "pii.read.user", event: .read, channel: "pii-read", record: "user"))
        #expect(policy.allows(action: "auth.sign_in", event: .signedIn, channel: "auth", record: nil))
        #expect(!policy.allows(action: "auth.sign_in", event: .signedOut, channel: "auth", record: nil))
        #expect(!policy.allows(action: "auth.sign_in", event: .signedIn, channel: "people", record: nil))
        #expect(!policy.allows(action: "user.read", event: .read, channel: "pii-read", record: "user"))
        #expect(!policy.allows(action: "car.updated", event: .updated, channel: "people", record: "car"))
        #expect(!policy.allows(action: "erasure.started", event: .started, channel: "people", record: nil))
        #expect(!policy.allows(action: "user.updated", event: .updated, channel: "compliance", record: "user"))
        #expect(!policy.allows(action: "user.erased", event: .erased, channel: "people", record: "user"))
    }

    @Test("built-in names are recognised in any case")
    func builtIn() {
        for action in ["erasure.started", "Erasure.started", "audit.read", "spool.drained", "clock.stepped"] {
            #expect(policy.isBuiltIn(action: action))
        }
        for action in ["erasure", "keys.made", "auth.sign_in", "my.erasure.started"] { #expect(!policy.isBuiltIn(action: action)) }
        #expect(policy.isBuiltIn(channel: "compliance") && policy.isBuiltIn(channel: "Compliance") && !policy.isBuiltIn(channel: "auth"))
    }

    @Test("read, exported and shared are looks, and no event is both a look and a change")
    func events() {
        #expect(Event.allCases.filter(\.isLook) == [.read, .exported, .shared])
        #expect(Event.allCases.allSatisfy { [$0.isLook, $0.isChange, $0.isBuiltIn].filter { $0 }.count <= 1 })
    }

    @Test("a field that is not declared is personal")
    func undeclaredField() throws {
        let user = try #require(policy.records["user"])
        #expect(user.isPersonal(field: "email") && user.isPersonal(field: "shoe_size") && !user.isPersonal(field: "role"))
    }

    @Test("an undeclared code is refused with what was probably meant, and a word that is no code is not repeated")
    func refusal() throws {
        #expect(policy.refusal(of: "support", as: .purpose) == nil)
        #expect(
            policy.refusal(of: "suport", as: .purpose)
                == "unknown purpose \"suport\"; this policy declares: support, payroll, inventory, audit, own (did you mean \"support\"?)")
        let message = try #require(policy.refusal(of: "ana@example.org", as: .purpose))
        #expect(!message.contains("ana"))
        for kind in CodeKind.allCases { #expect(policy.codes(of: kind).allSatisfy { policy.refusal(of: $0, as: kind) == nil }) }
    }

    @Test("details of a declared action come before those of its record")
    func details() throws {
        let clinic = try PolicyFiles.example("clinic")
        #expect(clinic.details(action: "care.break_glass", record: "patient").codes == ["pages", "format", "minutes", "ward"])
        #expect(clinic.details(action: "patient.updated", record: "patient").codes == ["pages", "format"])
        #expect(clinic.details(action: "auth.sign_in", record: nil).isEmpty)
    }
}

@Suite("Routes")
struct RouteTests {
    @Test(
        "a route is found by either way of writing parameters", arguments: ["/people/{id}", "/people/:id", "people/:id/", "/people/{id}/"])
    func normalised(template: String) throws {
        let look = try #require(try PolicyFiles.example("people-directory").route(method: "get", template: template)?.look)
        #expect(look.record == "user" && look.event == .read && !look.subjectFromStore)
        #expect(look.fields == ["name", "email", "phone", "role", "department"])
    }

    @Test("the example host's routes are all declared")
    func exampleHost() throws {
        let policy = try PolicyFiles.example("people-directory")
        for path in ["/people/:id", "/people/:id/edit", "/hardware/:id", "/hardware/:id/edit"] {
            let rule = try #require(policy.route(method: "GET", template: path))
            #expect(rule.look?.event == .read && rule.idParameter == "id")
            #expect(rule.look?.subjectFromStore == path.hasPrefix("/hardware"))
        }
        for (method, path) in [
            ("GET", "/people"), ("GET", "/hardware"), ("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out"),
        ] {
            #expect(policy.route(method: method, template: path)?.unloggedReason != nil)
        }
    }

    @Test("a route that is not declared has no rule")
    func undeclared() throws {
        let policy = try PolicyFiles.example("people-directory")
        #expect(policy.route(method: "GET", template: "/people/{id}/photo") == nil)
        #expect(policy.route(method: "DELETE", template: "/people/{id}") == nil)
        #expect(policy.route(method: "GET", template: "/people/{name}") == nil)
    }

    @Test("HEAD is held to the rule of GET")
    func head() throws {
        #expect(try PolicyFiles.example("people-directory").route(method: "HEAD", template: "/people/{id}")?.look != nil)
    }

    @Test("the record's id is the parameter id, else the last one")
    func idParameter() throws {
        let policy = try parse(
            minimal(
                """
                routes:
                  - { match: "GET /teams/{id}/people/{person}", record: user, event: read }
                  - { match: "GET /teams/{team}/people/{person}.json", record: user, event: read }
                  - { match: "GET /me", record: user, event: read, subject: from_store }
                """))
        #expect(policy.routes.map(\.idParameter) == ["id", "person", nil])
        #expect(policy.routes[1].parameters == ["team", "person"])
    }

    @Test("no parameter of a list is the record's id, and a list needs a type whose lists are logged")
    func list() throws {
        let route = "routes: [{ match: \"GET /teams/{team}/people\", record: user, event: read, list: true }]"
        #expect(try parse(minimal(route, reads: "{ log: list }")).routes.map(\.idParameter) == [nil])
        #expect(throws: PolicyError.self) { try parse(minimal(route)) }
        let single = try parse(minimal(route.replacing(", list: true", with: ""), reads: "{ log: list }"))
        #expect(
            try parse(minimal(route, reads: "{ log: list }")).weakenings(from: single)
                == ["route \"GET /teams/{team}/people\": a list, so the record in its path is no longer named"])
    }
}
