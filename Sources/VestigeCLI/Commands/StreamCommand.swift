import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals
import VestigeInquiry
import VestigeLocal
import VestigeStream

struct StreamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stream", abstract: "Carries entries to the sinks of the policy, until it is stopped.",
        discussion: """
            Each sink gets every entry at least once and in order, from where the last run had come to; one that is down or slow makes nobody \
            else wait. Lines hold headers and pseudonyms, and of an actor only what the policy names for that sink. `vestige status` shows \
            how far behind each sink is. SIGTERM and SIGINT end it after what was sent is confirmed.
            """)

    @Argument(help: ArgumentHelp("Only these sinks (default: all).", valueName: "sink"))
    var sinks: [String] = []

    @Flag(name: .long, help: "End once everything that stands has arrived.")
    var once = false

    @Option(
        name: .long, help: ArgumentHelp("Who may sign receivers' certificates, PEM (default: whom the system trusts).", valueName: "file"))
    var ca: String?

    @Option(name: .long, help: ArgumentHelp("Our own certificate for receivers that ask for one, PEM.", valueName: "file"))
    var certificate: String?

    @Option(name: .long, help: ArgumentHelp("Its key, PEM (default: in the certificate's file).", valueName: "file"))
    var key: String?

    @OptionGroup var why: PurposeOption
    @OptionGroup var location: PlaceOptions

    func run() async throws {
        try await location.open { vestige in
            let asker = try why.asker(of: vestige.policy)
            let names = sinks.isEmpty ? vestige.policy.sinks.codes : sinks
            guard !names.isEmpty else {
                throw Failure.usage(
                    "the adopted policy has no sinks", hint: "name one under `sinks` and adopt it with `vestige policy adopt`")
            }
            let tls = SinkTLS(authorities: ca, certificate: certificate, key: key)
            let log = Logger(label: "vestige.stream") { _ in StreamLog() }
            var services: [SinkService] = []
            do {
                for name in names {
                    services.append(try SinkService(vestige, sink: name, asker: asker, tls: tls, stopsAtEnd: once, log: log))
                }
            } catch {
                throw Failure.usage("\(error)")
            }
            // With --once the first sink that has everything must not end the others.
            var configuration = ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "vestige.services") { _ in SwiftLogNoOpLogHandler() })
            configuration.maximumGracefulShutdownDuration = .seconds(90)
            do {
                try await ServiceGroup(configuration: configuration).run()
            } catch let error as LocalError {
                throw Failure.refused("\(error)")
            }
            for standing in try await vestige.sinkStandings() where names.contains(standing.name) {
                Output.line("\(standing.name): \(SinkText.standing(standing))")
            }
        }
    }
}
