import VestigeCore
import VestigePolicy
import VestigeTrail

/// A clock far ahead of the newest entry is told in the trail before anything else: it may have been set wrong, and retention waits.
enum ClockStep {
    static let action = "clock.stepped"

    /// - Returns: how far the clock is ahead, if that is more than ``Trail/clockStep``.
    static func ahead(of trail: Trail, at now: Timestamp) async throws -> Int64? {
        guard let newest = try await trail.newestTime() else { return nil }
        let ahead = now.microseconds - newest.microseconds
        return ahead > Trail.clockStep ? ahead : nil
    }

    static func record(_ ahead: Int64, by recorder: Recorder) async throws {
        var entry = BuiltInEntry(action: action, event: Event.detected.rawValue, actor: .system("vestige"))
        entry.status = .warning
        entry.details = ["ahead_seconds": .integer(ahead / Timestamp.microsecondsPerSecond)]
        _ = try await recorder.record(entry)
    }
}
