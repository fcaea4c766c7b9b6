import Hummingbird
import Logging

/// A bare HTTP server for as long as something asks it.
enum LocalServer {
    /// Serves on a free port of 127.0.0.1 for as long as `body` runs.
    static func serve<Context: RequestContext, Outcome: Sendable>(
        _ router: Router<Context>, while body: @escaping @Sendable (_ port: Int) async throws -> Outcome
    ) async throws -> Outcome where Context.Source == ApplicationRequestContextSource {
        var logger = Logger(label: "vestige-bench")
        logger.logLevel = .critical
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                running.yield(channel.localAddress?.port ?? 0)
            }, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { running.finish() }
                try await application.runService(gracefulShutdownSignals: [])
            }
            guard let port = await ports.first(where: { _ in true }), port > 0 else {
                throw BenchError.environment("no port on 127.0.0.1 could be had")
            }
            let outcome = try await body(port)
            group.cancelAll()
            // Cancelled on purpose: how it ended says nothing.
            while let result = await group.nextResult() { _ = result }
            return outcome
        }
    }
}
