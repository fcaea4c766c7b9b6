import Foundation
import Logging
import ServiceLifecycle
import VestigeLocal
import VestigePolicy
import VestigeRights

/// Does each night, at the time that the policy says, what is due without anybody asking.
struct NightlyService: Service {
    let vestige: LocalVestige
    let tenant: String
    let logger: Logger

    func run() async throws {
        while !Task.isCancelled {
            let wait = Self.secondsUntil(vestige.policy.retention.pruneAt, in: vestige.policy.timeZone, from: Date())
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(wait)) }
            } catch {
                return
            }
            do {
                let duties = try await vestige.nightly()
                logger.info(
                    "nightly", metadata: ["tenant": "\(tenant)", "finished": "\(duties.finished)", "due_keys": "\(duties.dueKeys)"])
            } catch {
                logger.error(
                    "The nightly run failed; `vestige nightly` makes up for it", metadata: ["tenant": "\(tenant)", "error": "\(error)"])
            }
        }
    }

    /// At least a second, so that a run does not begin twice.
    static func secondsUntil(_ time: TimeOfDay, in zone: String, from now: Date) -> Double {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        let next = calendar.nextDate(
            after: now.addingTimeInterval(1), matching: DateComponents(hour: time.hour, minute: time.minute, second: 0),
            matchingPolicy: .nextTime)
        return max(1, (next ?? now.addingTimeInterval(86_400)).timeIntervalSince(now))
    }
}
