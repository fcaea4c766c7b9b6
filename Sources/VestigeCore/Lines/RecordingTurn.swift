import Synchronization

/// One line's turn to take its place in the trail: passed on once, awaited by the next line.
final class RecordingTurn: Sendable {
    /// Who waits; `nil` once the turn was passed on.
    private let state = Mutex<[CheckedContinuation<Void, Never>]?>([])

    /// Lets whoever waits go on; passing twice is passing once.
    func pass() {
        let waiting = state.withLock { state in
            defer { state = nil }
            return state ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isPassed = state.withLock { state in
                state?.append(continuation)
                return state == nil
            }
            if isPassed { continuation.resume() }
        }
    }
}
