import Synchronization
public import VestigeCore

/// Keeps what a middleware records, or refuses it on demand: the double of a recorder, for tests of what a host shows when nothing can be
/// recorded.
///
/// ```swift
/// let looks = RecordedLooks()
/// let app = MyApp(middleware: RecordingMiddleware(recorder: looks, policy: policy))
/// …
/// #expect(looks.entries.map(\.record?.id) == ["42"])
/// ```
/// A ``RecordedStore`` needs the real recorder: there is one without files in ``InMemoryVestige``.
public final class RecordedLooks: LookRecorder {
    /// What a refused entry is answered with.
    public struct Refused: Error, Sendable, CustomStringConvertible {
        public var description: String { "the test asked that nothing be recorded" }
    }

    private struct State {
        var entries: [Entry] = []
        var left: Int
    }

    private let state: Mutex<State>

    /// - Parameter refusing: As ``refuses``.
    public init(refusing: Bool = false) {
        state = Mutex(State(left: refusing ? 0 : .max))
    }

    /// What was recorded so far, oldest first.
    public var entries: [Entry] { state.withLock { $0.entries } }

    /// Whether nothing is recorded any more, as with a full disk.
    public var refuses: Bool {
        get { state.withLock { $0.left == 0 } }
        set { state.withLock { $0.left = newValue ? 0 : .max } }
    }

    /// Takes `count` entries more and refuses those after them. A request's entries are taken all or not at all.
    public func refuse(after count: Int) {
        state.withLock { $0.left = max(0, count) }
    }

    /// - Throws: ``Refused``; none of the entries was kept.
    public func recordDurably(_ entries: [Entry]) async throws {
        try state.withLock { state in
            guard state.left >= entries.count else { throw Refused() }
            if state.left != .max { state.left -= entries.count }
            state.entries += entries
        }
    }
}
