import Hummingbird
import VestigeHummingbird
import VestigeLocal

struct AppContext: RecordingRequestContext {
    var coreContext: CoreRequestContextStorage
    let recording: RecordingSlot

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        recording = RecordingSlot(source: source)
    }
}

func wrapAnApp() async throws {
    let vestige = try await Vestige.open("vestige-data", policy: "policy.yaml")
    let people = try RecordedStore(PersonRepository(), recorder: vestige.recorder)

    let router = Router(context: AppContext.self)
    router.add(middleware: RecordingMiddleware(vestige.recorder))
    router.add(middleware: SignedIn())
    router.get("/people/{id}") { _, context in
        guard let person = try await people.fetch(id: context.parameters.require("id"), showing: ["name", "email"]) else {
            throw HTTPError(.notFound)
        }
        return "\(person.name) <\(person.email)>"
    }
    try router.requireCoverage(by: vestige.policy)
    try await Application(router: router).runService()
}

struct SignedIn: RouterMiddleware {
    typealias Context = AppContext

    func handle(_ request: Request, context: AppContext, next: (Request, AppContext) async throws -> Response) async throws -> Response {
        context.recording.actor = AuditActor(.user, id: "7", name: "Ana Lima", role: "agent")  // your session says who
        context.recording.purpose = request.uri.queryParameters["purpose"].map(String.init)
        return try await next(request, context)
    }
}

func addDownload(to router: Router<AppContext>, _ people: RecordedStore<PersonRepository>) {
    router.get("/exports/people.csv") { _, context in
        context.recording.namesPersonsWhileStreaming()
        return Response(
            status: .ok,
            body: ResponseBody { writer in
                var start = 0
                while case let page = try await people.list(start..<start + 100, showing: ["name", "email"]), !page.isEmpty {
                    for person in page { try await writer.write(ByteBuffer(string: "\(person.name),\(person.email)\n")) }
                    start += 100
                }
                try await writer.finish(nil)
            })
    }
}

func addSignIn(to router: Router<AppContext>, _ vestige: LocalVestige) {
    router.post("/sign-in") { _, _ -> HTTPResponse.Status in
        try await vestige.recorder.recordSignIn(of: AuditActor(.user, id: "7", name: "Ana Lima"))
        return .noContent
    }
}
