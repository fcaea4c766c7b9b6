import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
package import ServiceLifecycle
import UnixSignals
import VestigeInquiry
import VestigePolicy

/// The query service over some tenants.
package struct Service: Sendable {
    let routes: [Route]
    /// What the router was given, for the test that holds the document against it.
    let routed: [String]
    private let responder: RouterResponder<APIContext>
    private let configuration: ServiceConfiguration
    private let logger: Logger

    package init(tenants: [Tenant], configuration: ServiceConfiguration, logger: Logger) {
        let metrics = ServiceMetrics()
        let gate = Gate(
            tenants: tenants, limits: RateLimits(now: configuration.now), perMinute: configuration.requestsPerMinute)
        let routes = Routes(tenants: tenants, metrics: metrics).all
        let router = Router(context: APIContext.self)
        router.add(middleware: ServiceMiddleware(metrics: metrics, routes: routes))
        for route in routes {
            router.on(RouterPath(route.template), method: route.method) { request, context in
                try await Self.answer(request, context, by: route, behind: gate)
            }
        }
        self.routes = routes
        routed = router.routes.map { "\($0.method.rawValue) \($0.path.description)" }
        self.configuration = configuration
        self.logger = logger
        responder = router.buildResponder()
    }

    /// The one way to a route: nothing of it runs before the gate is passed.
    private static func answer(_ request: Request, _ context: APIContext, by route: Route, behind gate: Gate) async throws -> Response {
        guard route.need != .nothing else {
            return try await route.run(Call(request: request, context: context, access: nil, purpose: nil))
        }
        let access = try await gate.access(of: request, peer: context.peer, logger: context.logger)
        do {
            try route.check(access)
            let purpose = route.asksPurpose ? try Self.purpose(of: request, by: access.tenant.policy) : nil
            return try await route.run(Call(request: request, context: context, access: access, purpose: purpose))
        } catch {
            if route.asksPurpose, let right = Problem(error, by: access.tenant.policy).missingRight {
                try await access.tenant.inquiry.noteRefused(
                    route.id, missing: right, by: access.actor, as: access.subject, purpose: request.headers[Header.purpose])
            }
            throw error
        }
    }

    private static func purpose(of request: Request, by policy: Policy) throws(Problem) -> String {
        guard let code = request.headers[Header.purpose], !code.isEmpty else { throw .purpose(given: false, by: policy) }
        guard policy.purposes.contains(code) else { throw .purpose(given: true, by: policy) }
        return code
    }

    /// Serves until SIGINT or SIGTERM. Requests under way are answered first: a receipt that was begun goes out.
    ///
    /// - Parameters:
    ///   - others: stopped after it.
    ///   - onRunning: called once with the real port, when connections are accepted.
    package func run(beside others: [any ServiceLifecycle.Service] = [], onRunning: @escaping @Sendable (_ port: Int) async -> Void)
        async throws
    {
        var setup = ServiceGroupConfiguration(
            services: others + [try application(onRunning: onRunning)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        setup.maximumGracefulShutdownDuration = .seconds(configuration.stopSeconds)
        try await ServiceGroup(configuration: setup).run()
    }

    /// Serves for as long as `body` runs, then stops gracefully.
    ///
    /// - Throws: what `body` throws, or why the server could not start.
    package func serve<Outcome: Sendable>(while body: @escaping @Sendable (_ port: Int) async throws -> Outcome) async throws -> Outcome {
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let services = ServiceGroup(
            configuration: .init(services: [try application { running.yield($0) }], logger: logger))
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
        onRunning: @escaping @Sendable (Int) async -> Void
    ) throws -> Application<RouterResponder<APIContext>> {
        let configuration = configuration
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionDeadlines(configuration)], idleTimeout: .seconds(Int64(configuration.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: configuration.headerByteCountMax, maxHeaderListSize: configuration.headerByteCountMax,
                maxHeaderFieldCount: configuration.headerCountMax))
        let plain = HTTPServerBuilder.http1(configuration: http)
        return Application(
            responder: responder, server: try configuration.certificate.map { try .tls(plain, tlsConfiguration: try $0.tls) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), backlog: 1024,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.connectionCountMax)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? configuration.port) }, logger: logger)
    }
}

extension ServiceConfiguration.Certificate {
    /// TLS 1.2 at least.
    fileprivate var tls: TLSConfiguration {
        get throws {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMBytes(chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            return tls
        }
    }
}
