import Hummingbird
public import Logging
import ServiceLifecycle
public import VestigeCore
import VestigeGRDB
import VestigeHummingbird

/// The example host: a people directory as a company might run it, with Vestige around every route and every record.
///
/// Three lines below make it recorded: the database is wrapped, the recording middleware is added before everything else, and the routes are
/// held against the policy's. Everything else is how one would write it anyway, but for what only the host can know: middleware puts actor
/// and purpose into the request's slot, and signing in and out is recorded where it happens.
public struct DirectoryApp: Sendable {
    /// What happens at night; whoever schedules it runs it.
    public let nightly: NightlyJob
    /// The way to every record that is shown or changed.
    let database: RecordedDatabase
    private let store: DirectoryStore
    private let responder: RouterResponder<DirectoryContext>
    private let logger: Logger

    /// - Parameters:
    ///   - store: The host's own database; what waits in it for the trail begins to go there.
    ///   - recorder: Vestige's; its policy says what is recorded.
    ///   - generator: The one that filled the store; it knows the passphrases of its people.
    /// - Throws: `UncoveredRoutes` when the policy knows nothing of a route; what the database says.
    public init(
        store: DirectoryStore, recorder: Recorder, generator: PersonGenerator = PersonGenerator(),
        logger: Logger = Logger(label: "people-directory")
    ) async throws {
        self.store = store
        self.logger = logger
        database = try await RecordedDatabase(store.pool, recorder: recorder)
        nightly = NightlyJob(database: database)
        let sessions = Sessions()
        let router = Router(context: DirectoryContext.self)
        router.add(middleware: RecordingMiddleware(recorder))
        router.add(middleware: ErrorPageMiddleware())
        router.add(middleware: SessionMiddleware(store: store, sessions: sessions))
        router.add(middleware: PurposeMiddleware())
        EntranceRoutes(signIn: SignIn(store: store, generator: generator), sessions: sessions, recorder: recorder).add(to: router)
        PeopleRoutes(database: database, store: store).add(to: router)
        PersonChanges(database: database).add(to: router)
        DepartmentRoutes(database: database).add(to: router)
        HardwareRoutes(database: database, store: store).add(to: router)
        try router.requireCoverage(by: recorder.policy)
        responder = router.buildResponder()
    }

    /// Returns when every change so far stands in the trail. Nobody has to wait for that: what is committed is not lost.
    public func drain() async throws {
        try await database.drain()
    }

    /// How many changes were ever committed together with their entries, and how many of those still wait to go to the trail.
    public func outbox() async throws -> (committed: Int, waiting: Int) {
        (try await store.committedActs(), try await database.waiting())
    }

    /// Brings to the trail what still waits, as far as it can; the rest goes there when the store is next opened. Close Vestige after it, and
    /// the store last.
    public func close() async {
        try? await database.drain()
        await database.close()
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
