import Logging
import ServiceLifecycle
import VestigeInquiry
import VestigeLocal
import VestigePolicy
import VestigeStream

extension LocalVestige {
    /// What runs beside the query service: the nightly run, and a stream to each sink of the policy where the settings say why entries leave.
    ///
    /// - Parameter source: as streamed lines name the tenant; the trail's origin if left out.
    /// - Throws: ``Failure``; nothing was started.
    func companions(of tenant: String, source: String?, _ settings: ServeSettings, _ logger: Logger) throws -> [any Service] {
        var services: [any Service] = [NightlyService(vestige: self, tenant: tenant, logger: logger)]
        guard !policy.sinks.codes.isEmpty else { return services }
        guard let purpose = settings.streamPurpose else {
            logger.notice(
                "Entries are not streamed by this process: `vestige stream` does it, or --stream-purpose",
                metadata: ["tenant": "\(tenant)"])
            return services
        }
        if let problem = policy.refusal(of: purpose, as: .purpose) {
            throw Failure.usage("--stream-purpose: \(problem); nothing was started")
        }
        let asker = Asker.keyHolder(Environment.account(), purpose: purpose)
        for name in policy.sinks.codes {
            do {
                let sink = try SinkService(self, sink: name, asker: asker, tenant: source, tls: settings.sinkTLS, log: logger)
                services.append(CarriedSink(sink: sink, name: name, tenant: tenant, logger: logger))
            } catch {
                throw Failure.usage("\(error); nothing was started")
            }
        }
        return services
    }
}

/// One sink beside the query service. Where it cannot go on, it ends alone: questions are still answered, and `vestige status` shows how far
/// behind it is.
private struct CarriedSink: Service {
    let sink: SinkService
    let name: String
    let tenant: String
    let logger: Logger

    func run() async throws {
        do {
            try await sink.run()
        } catch is CancellationError {
            return
        } catch {
            logger.error(
                "A sink gets no more entries until the service is started anew",
                metadata: ["tenant": "\(tenant)", "sink": "\(name)", "error": "\(error)"])
        }
        // Whichever service returns ends all the others.
        try? await gracefulShutdown()
    }
}
