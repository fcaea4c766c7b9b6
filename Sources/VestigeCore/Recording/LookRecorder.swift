/// Where a recording middleware takes what it has seen: the recorder, or a double of it in a test.
public protocol LookRecorder: Sendable {
    /// Records what one request did, in order and all or nothing. Durable on return.
    ///
    /// - Throws: when not all of it is durable; what the entries speak of is then not shown. ``RecordingError/refused(member:problem:)`` says
    ///   that it is the entries' fault and nothing stands: others may be tried in their place. The error's text goes to the host's log
    ///   and names nobody.
    func recordDurably(_ entries: [Entry]) async throws
}

extension LookRecorder {
    /// Records one entry; durable on return. For the recorder's own see ``Recorder/recordDurably(_:)``.
    ///
    /// - Throws: as for several.
    public func recordDurably(_ entry: Entry) async throws {
        try await recordDurably([entry])
    }
}
