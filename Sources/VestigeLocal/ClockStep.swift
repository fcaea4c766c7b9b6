import VestigeCore
import VestigePolicy
import VestigeTrail

/// A clock that was set is told in the trail: far ahead of the newest entry before anything else, since retention waits then; behind it as soon
/// as it is noticed, since entries bear the newest one's time until the clock has caught up (design §4).
enum ClockStep {
    static let action = "clock.stepped"
    /// Microseconds by which a clock may be behind the newest entry: processes of one data directory do not read it at the same moment.
    static let behindMax = 60 * Timestamp.microsecondsPerSecond

    /// - Returns: how far the clock is ahead, if that is more than ``Trail/clockStep``.
    static func ahead(of trail: Trail, at now: Timestamp) async throws -> Int64? {
        guard let newest = try await trail.newestTime() else { return nil }
        let ahead = now.microseconds - newest.microseconds
        return ahead > Trail.clockStep ? ahead : nil
    }

    /// - Returns: how far the clock is behind, if that is more than ``behindMax``.
    static func behind(_ trail: Trail, at now: Timestamp) async throws -> Int64? {
        guard let newest = try await trail.newestTime() else { return nil }
        let behind = newest.microseconds - now.microseconds
        return behind > behindMax ? behind : nil
    }

    /// At a start: a trail that had nothing to record for a day looks no different to one that runs.
    static func tellAhead(of trail: Trail, at now: Timestamp, by recorder: Recorder) async throws {
        guard let ahead = try await ahead(of: trail, at: now) else { return }
        try await record("ahead_seconds", ahead, by: recorder)
    }

    /// At a start and each minute, once for each step.
    static func tellBehind(_ trail: Trail, at now: Timestamp, by recorder: Recorder) async throws {
        guard let behind = try await behind(trail, at: now), try await !isTold(in: trail) else { return }
        try await record("behind_seconds", behind, by: recorder)
    }

    /// As long as the clock is behind, every entry bears the same time: so does the one that told of it, be it another process's.
    private static func isTold(in trail: Trail) async throws -> Bool {
        var query = IndexQuery(limit: 1)
        query.actions = [action]
        guard let told = try await trail.page(query).first, let body = told.body, let leaf = Leaf(decoding: told.leaf) else { return false }
        guard try Header(decoding: body.header).details["behind_seconds"] != nil else { return false }
        return try await trail.newestTime() == leaf.recordedAt
    }

    private static func record(_ member: String, _ microseconds: Int64, by recorder: Recorder) async throws {
        var entry = BuiltInEntry(action: action, event: Event.detected.rawValue, actor: .system("vestige"))
        entry.status = .warning
        entry.details = [member: .integer(microseconds / Timestamp.microsecondsPerSecond)]
        _ = try await recorder.record(entry)
    }
}

extension LocalVestige {
    /// Whole seconds by which the clock is behind the newest entry; `nil` up to 60. Until it has caught up, entries bear the newest one's time,
    /// and the service is not ready.
    public func clockBehind() async throws -> Int64? {
        try await ClockStep.behind(trail, at: clock()).map { $0 / Timestamp.microsecondsPerSecond }
    }
}
