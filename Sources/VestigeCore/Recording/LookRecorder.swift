/// Where a recording middleware takes what it has seen: the recorder, or a double of it in a test.
public protocol LookRecorder: Sendable {
    /// Durable on return.
    ///
    /// - Throws: when it is not; what the entry speaks of is then not shown and not done. The error's text goes to the host's log and
    ///   names nobody.
    func recordDurably(_ entry: Entry) async throws
}

extension Recorder: LookRecorder {}
