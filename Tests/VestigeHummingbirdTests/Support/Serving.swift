import Hummingbird
import Logging
import VestigeCore

@testable import VestigeHummingbird

struct TestContext: RecordingRequestContext {
    var coreContext: CoreRequestContextStorage
    let recording: RecordingSlot

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        recording = RecordingSlot(source: source)
    }
}

/// Serves on a real port while `body` talks to it. On return nothing of any request runs any more.
func serve<Outcome: Sendable>(
    _ router: Router<TestContext>, _ body: @escaping @Sendable (_ port: Int) async throws -> Outcome
) async throws -> Outcome {
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "test-host")
    logger.logLevel = .critical
    let application = Application(
        router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0), backlog: 1024),
        onServerRunning: { channel in running.yield(channel.localAddress?.port ?? 0) }, logger: logger)
    return try await withThrowingTaskGroup(of: Outcome?.self) { group in
        group.addTask {
            try await application.run()
            return nil
        }
        group.addTask {
            var port = ports.makeAsyncIterator()
            return try await body(await port.next() ?? 0)
        }
        var outcome: Outcome?
        while let result = try await group.next() {
            outcome = result ?? outcome
            group.cancelAll()
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }
}

/// Stands in for a host's authentication: `X-Test-Actor` signs in, `X-Purpose` says why, `X-Request-ID` which piece of work it is.
struct Authentication: RouterMiddleware {
    typealias Context = TestContext

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        func value(_ name: String) -> String? { HTTPFields.Element.Name(name).flatMap { request.headers[$0] } }
        if let id = value("X-Test-Actor") { context.recording.actor = AuditActor(.user, id: id, name: "Ana Lima", role: "agent") }
        context.recording.purpose = value("X-Purpose")
        context.recording.correlationID = value("X-Request-ID")
        return try await next(request, context)
    }
}
