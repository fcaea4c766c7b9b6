import Hummingbird
import Synchronization
import VestigeCore
import VestigeTesting

@testable import VestigeHummingbird

/// The host of the ledger test: every way of reading and changing a record, well and badly.
struct LedgerHost: Sendable {
    struct Broken: Error {}

    static let routes = [
        #"{ match: "GET /people/{id}", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people/{id}/slow", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people/{id}/refused", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people/{id}/broken", record: user, event: read, fields: [name] }"#,
        #"{ match: "GET /people", record: user, event: read }"#,
        #"{ match: "PUT /people/{id}", record: user, event: updated }"#,
        #"{ match: "PUT /people/{id}/failing", record: user, event: updated }"#,
        #"{ match: "PUT /people/{id}/same", record: user, event: updated }"#,
        #"{ match: "POST /people/{id}/touch", record: user, event: updated }"#,
        #"{ match: "PATCH /people", record: user, event: updated }"#,
        #"{ match: "GET /export", record: user, event: exported }"#,
        #"{ match: "GET /open/{id}", unlogged: "shows nobody by itself" }"#,
        #"{ match: "GET /open", unlogged: "shows nobody" }"#,
    ]

    let stores: StoreHost
    /// Requests whose answer the recording middleware let go.
    let finished = Counter()

    final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    /// Outside of the recording middleware.
    private struct Counting: RouterMiddleware {
        typealias Context = TestContext
        let finished: Counter

        func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
            defer { finished.add() }
            return try await next(request, context)
        }
    }

    func router() -> Router<TestContext> {
        let router = Router(context: TestContext.self)
        router.add(middleware: Counting(finished: finished))
        router.add(middleware: RecordingMiddleware(stores.vestige.recorder))
        router.add(middleware: Authentication())
        addLooks(to: router)
        addChanges(to: router)
        return router
    }

    private func addLooks(to router: Router<TestContext>) {
        let people = stores.people
        @Sendable func name(_ context: TestContext) async throws -> String {
            guard let person = try await people.fetch(id: context.parameters.require("id"), showing: ["name"]) else {
                throw HTTPError(.notFound)
            }
            return person.name
        }
        router.get("/people/:id") { _, context in try await name(context) }
        router.get("/people/:id/slow") { _, context in
            try await Task.sleep(for: .milliseconds(2))
            let name = try await name(context)
            try await Task.sleep(for: .milliseconds(2))
            return name
        }
        router.get("/people/:id/refused") { _, context -> String in
            _ = try await name(context)
            throw HTTPError(.forbidden)
        }
        router.get("/people/:id/broken") { _, context -> String in
            _ = try await name(context)
            throw Broken()
        }
        router.get("/people") { request, _ in
            let from = request.uri.queryParameters.get("from", as: Int.self) ?? 1
            return try await people.list(from - 1..<from + 9, showing: ["name"]).map(\.name).joined(separator: ",")
        }
        router.get("/open/:id") { _, context in try await name(context) }
        router.get("/open") { _, _ in "open" }
        router.get("/export") { _, context in
            context.recording.namesPersonsWhileStreaming()
            return Response(status: .ok, body: export())
        }
    }

    /// A page begins with `<`, so that a client knows of how many it saw a part.
    private func export() -> ResponseBody {
        let people = stores.people
        let (pages, rows) = (LedgerRequest.exportPageCount, LedgerRequest.exportRowCount)
        return ResponseBody { writer in
            for page in 0..<pages {
                let found = try await people.list(page * rows..<(page + 1) * rows, showing: ["name"])
                let padding = String(repeating: ".", count: LedgerRequest.exportRowByteCount)
                try await writer.write(ByteBuffer(string: "<" + found.map { _ in padding }.joined()))
                if page.isMultiple(of: 4) { try await Task.sleep(for: .milliseconds(1)) }
            }
            try await writer.finish(nil)
        }
    }

    private func addChanges(to router: Router<TestContext>) {
        let people = stores.people
        @Sendable func number(_ request: Request) async throws -> String {
            String(buffer: try await request.body.collect(upTo: 1024))
        }
        router.put("/people/:id") { request, context in
            let number = try await number(request)
            return try await people.update(id: context.parameters.require("id")) { $0.email = number }?.email ?? ""
        }
        router.put("/people/:id/failing") { _, context in
            try await people.update(id: context.parameters.require("id")) { _ in throw Broken() }?.email ?? ""
        }
        router.put("/people/:id/same") { _, context in
            try await people.update(id: context.parameters.require("id")) { $0.name += "" }?.name ?? ""
        }
        router.post("/people/:id/touch") { _, _ in "touched" }
        router.patch("/people") { request, _ in
            let number = try await number(request)
            let from = request.uri.queryParameters.get("from", as: Int.self) ?? 1
            return "\(try await people.update(ids: (from...from + 2).map(String.init)) { $0.email = number }.count)"
        }
    }
}
