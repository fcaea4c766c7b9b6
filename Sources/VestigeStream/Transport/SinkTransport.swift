import VestigeInquiry

/// A way to a sink. Only one connection at a time.
protocol SinkTransport: Sendable {
    /// - Throws: ``StreamError``
    func open() async throws -> any SinkConnection
}

/// One connection to a sink, for a lap.
protocol SinkConnection: Sendable {
    /// Whether what ``send(_:)`` has returned from has arrived already.
    var confirmsEachSend: Bool { get }
    /// False once the other side has gone.
    var isOpen: Bool { get }
    /// Sends lines in order; waits as long as the receiver is slow.
    ///
    /// - Throws: ``StreamError``; some of them may have arrived.
    func send(_ lines: [SinkLine]) async throws
    /// Ends the connection in order. On return the receiver has read every line.
    ///
    /// - Throws: ``StreamError``; nobody knows how many have.
    func finish() async throws
    /// Ends it whatever becomes of what was sent.
    func abort() async
}
