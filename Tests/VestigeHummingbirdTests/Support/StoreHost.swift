import Hummingbird
import Testing
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeHummingbird

/// A host over recorded stores, with the real recorder and a trail in memory. Its routes and handlers stand in the test.
struct StoreHost: Sendable {
    let vestige: InMemoryVestige
    let people: RecordedStore<MemoryRepository<Person>>
    let devices: RecordedStore<MemoryRepository<Device>>
    let notes: RecordedStore<MemoryRepository<Note>>
    /// Behind `people`: what is there without anybody's looking at it.
    let rows: MemoryRepository<Person>

    /// - Parameter routes: Lines of the policy.
    init(_ routes: String...) async throws {
        try await self.init(routes: routes)
    }

    /// - Parameter personCount: People with the ids 1 and up.
    init(routes: [String], personCount: Int = 60) async throws {
        vestige = try await InMemoryVestige(policy: try TestPolicy.parse(routes: routes))
        rows = MemoryRepository((1...personCount).map { Person(id: "\($0)", name: "Person \($0)", email: "p\($0)@example.org") })
        people = try RecordedStore(rows, recorder: vestige.recorder)
        devices = try RecordedStore(
            MemoryRepository([Device(id: "17", serial: "S17", owner: "42"), Device(id: "18", serial: "S18", owner: nil)]),
            recorder: vestige.recorder)
        notes = try RecordedStore(MemoryRepository([Note(id: "n1", author: "43", text: "…")]), recorder: vestige.recorder)
    }

    /// A router with the recording middleware and the authentication of these tests.
    func router(_ add: (Router<TestContext>) -> Void) -> Router<TestContext> {
        let router = Router(context: TestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RecordingMiddleware(vestige.recorder))
        router.add(middleware: Authentication())
        add(router)
        return router
    }

    func serve(_ router: Router<TestContext>, _ body: @escaping @Sendable (TestClient) async throws -> Void) async throws {
        try await VestigeHummingbirdTests.serve(router) { port in try await body(TestClient(port: port)) }
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    /// One request to one handler.
    func answer(
        _ path: String, method: String = "GET", at template: String, actor: String? = "900", purpose: String? = "support",
        use handler: @escaping @Sendable (Request, TestContext) async throws -> Response
    ) async throws -> TestClient.Answer {
        let router = router { $0.on(RouterPath(template), method: .init(method) ?? .get, use: handler) }
        let answer = try await VestigeHummingbirdTests.serve(router) { port in
            try await TestClient(port: port).get(path, actor: actor, purpose: purpose, method: method)
        }
        #expect(try await vestige.trail.verify().verdict == .intact)
        return answer
    }

    /// What is in the trail, oldest first, in words: `success read user/42 by 900 about user/42 [name, email]`.
    func recorded() async throws -> [RecordedAct] {
        var acts: [RecordedAct] = []
        for entry in try await vestige.opened() { acts.append(try await act(entry)) }
        return acts
    }

    private func act(_ entry: OpenedEntry) async throws -> RecordedAct {
        let header = try #require(entry.header)
        var people: [String] = []
        for pseudonym in header.subjects { people.append(try await vestige.vault.resolve(pseudonym).map { $0.id } ?? "erased") }
        return RecordedAct(
            header: header, actor: entry.actor?.id ?? header.actor.type, people: people, page: entry.page, tried: entry.tried,
            changes: entry.subjects.first?.changes ?? [:], other: entry.subjects.first?.other ?? [])
    }
}

/// An entry as a test speaks of it.
struct RecordedAct: Sendable, CustomStringConvertible {
    let header: Header
    /// The actor's id, or their type where they have none.
    let actor: String
    /// Ids of those whom it concerns.
    let people: [String]
    let page: String?
    /// The id that was asked for where nobody has it.
    let tried: String?
    /// Before and after, and the names of undeclared fields, of the first person concerned.
    let changes: [String: FieldChange]
    let other: [String]

    /// `success read user by 900 about 42`
    var description: String {
        let id = header.record?.id.map { "/\($0)" } ?? ""
        return
            "\(header.status.rawValue) \(header.event) \(header.record?.type ?? "-")\(id) by \(actor) about \(people.joined(separator: ","))"
    }
}
