import ArgumentParser
import Logging
import VestigeLocal
import VestigePolicy
import VestigeServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answers questions and takes entries over HTTP until it is stopped.",
        discussion: """
            Docs/API.md describes the routes, /openapi.json too. Who asks needs a token (`vestige token create`); what a role may do, and from \
            which addresses, the policy says (`access`). Stops on SIGINT and SIGTERM; requests under way are answered first. Each night \
            (`retention.prune_at`) it does what `vestige nightly` does; with --stream-purpose also what `vestige stream` does. A flag \
            wins over a variable, a variable (VESTIGE_HTTP_PORT for http.port) over the file.
            """)

    @Option(name: .long, help: ArgumentHelp("Where to listen (http.host; default: 127.0.0.1).", valueName: "address"))
    var host: String?

    @Option(name: .long, help: ArgumentHelp("0 takes any that is free (http.port; default: 8750).", valueName: "port"))
    var port: Int?

    @Option(name: .long, help: ArgumentHelp("The server's certificate and those above it, PEM (tls.certificate).", valueName: "file"))
    var tlsCertificate: String?

    @Option(name: .long, help: ArgumentHelp("The certificate's private key, PEM (tls.key).", valueName: "file"))
    var tlsKey: String?

    @Flag(name: .long, help: "Listen without TLS elsewhere than on 127.0.0.1, behind a proxy that ends it (http.plain).")
    var plain = false

    @Option(name: .long, help: ArgumentHelp("Connections at once (limits.connections; default: 1024).", valueName: "n"))
    var connections: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Requests a minute of a token without a limit of its own (limits.requests-per-minute; default: 600).", valueName: "n"))
    var requestsPerMinute: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("The identity provider's keys, in place of the policy's access.oidc.keys (oidc.keys).", valueName: "file or URL")
    )
    var oidcKeys: String?

    @Option(name: .long, help: ArgumentHelp("Settings in YAML.", valueName: "file"))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Answer for every tenant in this directory (`vestige tenant`), in place of --data (tenants).", valueName: "dir"))
    var tenants: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Stream entries to the sinks of the policy too, for this purpose (stream.purpose; default: stream none).", valueName: "code"))
    var streamPurpose: String?

    @OptionGroup var location: PlaceOptions

    private var flags: [String: String] {
        let given: [(String, String?)] = [
            ("http.host", host), ("http.port", port.map(String.init)), ("tls.certificate", tlsCertificate), ("tls.key", tlsKey),
            ("http.plain", plain ? "true" : nil), ("limits.connections", connections.map(String.init)),
            ("limits.requests-per-minute", requestsPerMinute.map(String.init)), ("oidc.keys", oidcKeys), ("tenants", tenants),
            ("stream.purpose", streamPurpose), ("data", location.data), ("keyring", location.keyring),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { name, value in value.map { (name, $0) } })
    }

    func run() async throws {
        let settings = try await ServeSettings.read(flags: flags, file: config)
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "vestige")
        let places = try settings.places(else: location.place)
        var opened: [(name: String, vestige: LocalVestige)] = []
        do {
            for (name, place) in places {
                opened.append((name, try await Vestige.open(place, keyring: nil, acceptingClock: location.acceptClock)))
            }
            try await serve(opened, settings, logger)
        } catch {
            for (_, vestige) in opened { try? await vestige.close() }
            throw error
        }
        for (_, vestige) in opened { try await vestige.close() }
    }

    /// An identity provider's tokens say by issuer and audience which tenant they are for.
    private static func check(_ policies: [(name: String, policy: Policy)]) throws(Failure) {
        var names: [[String]: String] = [:]
        for (name, policy) in policies {
            guard let rule = policy.access.oidc else { continue }
            if let other = names.updateValue(name, forKey: [rule.issuer, rule.audience]) {
                throw .usage(
                    "the tenants \(other) and \(name) have the same issuer and audience in access.oidc, so a token would belong to both; nothing was started"
                )
            }
        }
    }

    private func serve(_ opened: [(name: String, vestige: LocalVestige)], _ settings: ServeSettings, _ logger: Logger) async throws {
        // Of several tenants exports and streams tell the name; of one alone its trail's.
        func source(_ name: String) -> String? { settings.tenants == nil ? nil : name }
        try Self.check(opened.map { ($0.name, $0.vestige.policy) })
        let service = Service(
            tenants: opened.map { $0.vestige.tenant(named: $0.name, source: source($0.name), keys: settings.oidcKeys) },
            configuration: settings.service, logger: logger)
        for (name, vestige) in opened where !vestige.dutiesAtOpening.unanswered.isEmpty {
            logger.warning("Erasures wait for processes that do not answer", metadata: ["tenant": "\(name)"])
        }
        let scheme = settings.service.certificate == nil ? "http" : "https"
        let others = try opened.flatMap { try $0.vestige.companions(of: $0.name, source: source($0.name), settings, logger) }
        try await service.run(beside: others) { port in Output.line("listening on \(scheme)://\(settings.service.host):\(port)") }
    }
}
