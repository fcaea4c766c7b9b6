import Foundation
public import VestigeCore
import VestigePolicy
public import VestigeRights
public import VestigeTrail

/// When retention last ran, and whether it should have since.
public struct RetentionStanding: Sendable, Equatable {
    /// When the newest run came to its end; `nil` before the first.
    public let lastRun: Timestamp?
    /// When a run should have begun that did not take place in the day that followed.
    public let overdueSince: Timestamp?
    /// When the next is due.
    public let nextRun: Timestamp
}

extension LocalVestige {
    /// What a run of retention would take now; records nothing.
    public func retentionForecast() async throws -> RetentionForecast { try await rights.retentionForecast() }

    /// Lets retention run now: bodies whose time is over are archived, if the policy says so, and removed. Others go on recording.
    ///
    /// Who may ask for it is the caller's to check (the key holder).
    ///
    /// - Throws: ``LocalError/pruning`` if another run is under way; what ``Rights/prune(_:archive:pace:progress:)`` throws.
    public func prune(
        _ order: PruneOrder, pace: PrunePace = PrunePace(), progress: @escaping (_ done: UInt64, _ of: UInt64) -> Void = { _, _ in }
    ) async throws -> Pruned {
        guard let lock = try RetentionLock(directory: place.data) else { throw LocalError.pruning }
        defer { withExtendedLifetime(lock) {} }
        let archive = ArchiveDirectory(path: place.data + "/archive", clock: clock)
        return try await rights.prune(order, archive: archive, pace: pace, progress: progress)
    }

    /// The same as a duty: quiet if it ran since the night began, and `nil` if another process is at it.
    func pruneNightly() async throws -> Pruned? {
        let since = try schedule().last(upTo: clock())
        do {
            return try await prune(PruneOrder(actor: .system("vestige"), quietSince: since))
        } catch LocalError.pruning {
            return nil
        }
    }

    /// Runs ``nightly()`` every night at the policy's `retention.prune_at`, and at once if the last night's run did not take place, until its task is
    /// cancelled. A host that stays up starts it in a task of its own; several processes may, one of them does the work.
    ///
    /// - Parameters:
    ///   - interval: how often the clock is looked at.
    ///   - report: what each night brought. A night that failed is tried again an hour later.
    public func runNightly(
        every interval: Duration = .seconds(30), _ report: @Sendable (Result<Duties, any Error>) -> Void = { _ in }
    ) async throws {
        let schedule = try schedule()
        var next = try await reference() < schedule.last(upTo: clock()) ? clock() : schedule.next(after: clock())
        while true {
            // A clock that was ahead when the last night ended has been set right.
            next = min(next, schedule.next(after: clock()))
            if clock() >= next {
                do {
                    report(.success(try await nightly()))
                    next = schedule.next(after: clock())
                } catch is CancellationError {
                    throw CancellationError()
                } catch {
                    report(.failure(error))
                    next = min(schedule.next(after: clock()), clock().adding(microseconds: 3_600 * Timestamp.microsecondsPerSecond))
                }
            }
            try await Task.sleep(for: interval)
        }
    }

    /// When retention last ran, and whether a run is overdue.
    public func retentionStanding() async throws -> RetentionStanding {
        let schedule = try schedule()
        let last = try await trail.lastPruning()?.recordedAt
        let since = try await reference()
        let due = schedule.last(upTo: clock().adding(days: -1))
        // The first that did not take place.
        return RetentionStanding(
            lastRun: last, overdueSince: since < due ? schedule.next(after: since) : nil, nextRun: schedule.next(after: clock()))
    }

    /// When retention last ran; before the first time, when the trail began.
    private func reference() async throws -> Timestamp {
        if let mark = try await trail.lastPruning() { return mark.recordedAt }
        guard let first = try await trail.entries([0]).first, let leaf = Leaf(decoding: first.leaf) else { return clock() }
        return leaf.recordedAt
    }

    private func schedule() throws -> NightlySchedule {
        guard let schedule = NightlySchedule(policy.retention.pruneAt, in: policy.timeZone) else {
            throw LocalError.unusable("this system does not know the policy's time zone; install its time zone data (tzdata)")
        }
        return schedule
    }
}
