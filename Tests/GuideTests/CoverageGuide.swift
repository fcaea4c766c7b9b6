import Hummingbird
import Testing
import VestigeHummingbird
import VestigeLocal
import VestigeTesting

func buildRouter() -> Router<AppContext> {
    let router = Router(context: AppContext.self)
    router.get("/people/{id}") { _, _ in "" }
    return router
}

func hostPolicy() throws -> Policy {
    try Policy.parse(Array(policyText.utf8), file: "policy.yaml")
}

@Suite("The host")
struct HostTests {
    @Test("covers every route by its policy, and the policy names none that is gone")
    func coverage() throws {
        let routes = buildRouter().routes.map { (method: $0.method.rawValue, path: $0.path.description) }
        try requireRecordedRoutes(routes, by: try hostPolicy())
    }

    @Test("records who looked at whom")
    func looks() async throws {
        let vestige = try await InMemoryVestige(policy: try hostPolicy())
        let people = try RecordedStore(PersonRepository(), recorder: vestige.recorder)
        _ = try await Vestige.as(.system("test")) { try await people.create(Person(id: "42", name: "Zoë", email: "zoe@example.org")) }
        _ = try await Vestige.as(AuditActor(.user, id: "7"), purpose: "support") { try await people.fetch(id: "42", showing: ["name"]) }
        let recorded = try await vestige.recorded()
        #expect(recorded.map(\.action) == ["user.created", "pii.read.user"])
        #expect(recorded[1].fields == ["name"])
    }
}

private let policyText = """
    vestige: 1
    time_zone: Europe/Berlin
    channels: [pii-read, people]
    purposes:
      support: { title: Answer a support request, dpv: "dpv:CustomerCare", activity: RPA-12 }
    actors: { staff: [user], roles: [agent], show: name }
    records:
      user:
        subject: self
        channels: { look: pii-read, change: people }
        fields: { name: { personal: identity }, email: { personal: contact } }
        reads: { log: list, purpose: required }
    routes:
      - { match: "GET /people/{id}", record: user, event: read, fields: [name, email] }
    retention:
      default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
      prune_at: "03:00"
    erasure: { actors: { after: 365d, because: "security of processing" }, fence: 90d, approvals: 1 }
    backups: { vault: 35d, keyring: 35d }
    cases: { keep: 3y, because: "limitation period" }
    access:
      rights: [query, record]
      roles: { host: [record] }
      allowed_addresses: [127.0.0.0/8]
    """
