/// When a sink's entries are confirmed, and how long is waited for what.
public struct SinkLimits: Sendable {
    /// Entries sent before they are confirmed; fewer are confirmed when nothing more comes.
    public var lapEntryCount: UInt64 = 10_000
    /// The longest time that sent entries wait to be confirmed while more are sent.
    public var lapTime: Duration = .seconds(10)
    /// How long nothing more must come until what was sent is confirmed.
    public var idleTime: Duration = .seconds(2)
    /// How often the trail is looked at when there is nothing to send.
    public var pollTime: Duration = .milliseconds(250)
    public var connectTime: Duration = .seconds(10)
    /// A receiver that takes nothing for so long is left and tried again.
    public var stallTime: Duration = .seconds(60)
    /// How long a receiver may take to read what it has and close.
    public var finishTime: Duration = .seconds(60)
    /// The first pause after a failure; each further one is twice as long.
    public var pauseMin: Duration = .milliseconds(500)
    public var pauseMax: Duration = .seconds(30)
    /// Bytes of a file before the next one is begun.
    public var fileByteCountMax = 64 << 20

    public init() {}
}

/// The certificates of TLS, as files in PEM.
public struct SinkTLS: Sendable {
    /// Who may sign the receiver's certificate; `nil`: whom the operating system trusts.
    public var authorities: String?
    /// Our own certificate and key, where the receiver asks for them.
    public var certificate: String?
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
