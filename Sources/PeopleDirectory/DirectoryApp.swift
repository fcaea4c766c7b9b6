import Hummingbird
public import Logging
import ServiceLifecycle
public import VestigeCore
public import VestigeHummingbird
public import VestigePolicy

/// The example host: a people directory as a company might run it, with Vestige in front of every route.
///
/// What makes it recorded is one line, the first `add(middleware:)` below, together with the policy's `routes`. Everything else is how one
/// would write it anyway, but for two kinds of calls: middleware puts actor and purpose into the request's slot, and the handlers of pages
/// about devices say whom they show.
public struct DirectoryApp: Sendable {
    private let store: DirectoryStore
    private let responder: RouterResponder<DirectoryContext>
    private let logger: Logger

    /// - Parameters:
    ///   - store: The host's own database.
    ///   - recorder: Vestige's; its policy says what is recorded.
    ///   - generator: The one that filled the store; it knows the passphrases of its people.
    public init(
        store: DirectoryStore, recorder: Recorder, generator: PersonGenerator = PersonGenerator(),
        logger: Logger = Logger(label: "people-directory")
    ) {
        self.init(store: store, recorder: recorder, policy: recorder.policy, generator: generator, logger: logger)
    }

    /// - Parameters:
    ///   - store: The host's own database.
    ///   - recorder: Where looks and sign-ins go before anything is shown.
    ///   - policy: The adopted one; ``DirectoryPolicy`` has the directory's own.
    ///   - generator: The one that filled the store; it knows the passphrases of its people.
    public init(
        store: DirectoryStore, recorder: any LookRecorder, policy: Policy, generator: PersonGenerator = PersonGenerator(),
        logger: Logger = Logger(label: "people-directory")
    ) {
        self.store = store
        self.logger = logger
        let sessions = Sessions()
        let router = Router(context: DirectoryContext.self)
        router.add(middleware: RecordingMiddleware(recorder: recorder, policy: policy))
        router.add(middleware: ErrorPageMiddleware())
        router.add(middleware: SessionMiddleware(store: store, sessions: sessions))
        router.add(middleware: PurposeMiddleware())
        EntranceRoutes(
            signIn: SignIn(store: store, generator: generator), sessions: sessions, journal: SignInJournal(recorder: recorder)
        ).add(to: router)
        PeopleRoutes(store: store).add(to: router)
        HardwareRoutes(store: store).add(to: router)
        responder = router.buildResponder()
    }

    /// Serves on 127.0.0.1 until a signal (SIGINT, SIGTERM) or cancellation comes; requests under way are answered first.
    ///
    /// - Parameters:
    ///   - port: 0 takes any that is free.
    ///   - onRunning: Called once with the real port, when connections are accepted.
    public func run(port: Int = 0, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }) async throws {
        try await application(port: port, onRunning: onRunning).runService()
    }

    /// Serves on 127.0.0.1 for as long as `body` runs, then stops gracefully.
    ///
    /// - Throws: what `body` throws, or why the server could not start.
    public func serve<Outcome: Sendable>(
        port: Int = 0, while body: @escaping @Sendable (_ port: Int) async throws -> Outcome
    ) async throws -> Outcome {
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let services = ServiceGroup(
            configuration: .init(services: [application(port: port) { running.yield($0) }], logger: logger))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { running.finish() }
                try await services.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await group.waitForAll()
                throw CancellationError()
            }
            let outcome: Result<Outcome, any Error>
            do {
                outcome = .success(try await body(port))
            } catch {
                outcome = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return try outcome.get()
        }
    }

    private func application(
        port: Int, onRunning: @escaping @Sendable (Int) async -> Void
    ) -> Application<RouterResponder<DirectoryContext>> {
        Application(
            responder: responder, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) }, logger: logger)
    }
}
