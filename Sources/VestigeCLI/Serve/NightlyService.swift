import Logging
import ServiceLifecycle
import VestigeLocal
import VestigeRights

/// Does each night, at the time that the policy says, what is due without anybody asking; at once where the last night's run did not take place. A stop
/// in the midst of it is like any other: what was begun is finished the next time.
struct NightlyService: Service {
    let vestige: LocalVestige
    let tenant: String
    let logger: Logger

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                try await vestige.runNightly { tell($0) }
            }
        } catch is CancellationError {
            return
        }
    }

    private func tell(_ night: Result<Duties, any Error>) {
        switch night {
        case .success(let duties):
            logger.info(
                "nightly",
                metadata: [
                    "tenant": "\(tenant)", "erasures": "\(duties.finished)", "due_keys": "\(duties.dueKeys)",
                    "pruned": "\(duties.pruned?.entries ?? 0)",
                ])
            if !duties.unanswered.isEmpty {
                logger.warning("Erasures wait for processes that do not answer", metadata: ["tenant": "\(tenant)"])
            }
        case .failure(let error):
            logger.error(
                "The nightly run failed; it is tried again in an hour, and `vestige nightly` makes up for it",
                metadata: ["tenant": "\(tenant)", "error": "\(error)"])
        }
    }
}
