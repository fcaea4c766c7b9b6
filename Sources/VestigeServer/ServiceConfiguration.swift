/// How the service listens and what it takes at most.
package struct ServiceConfiguration: Sendable {
    package struct Certificate: Sendable {
        /// PEM: the server's certificate first, then those that lead from it to a root.
        package let chain: [UInt8]
        /// PEM.
        package let key: [UInt8]

        package init(chain: [UInt8], key: [UInt8]) {
            self.chain = chain
            self.key = key
        }
    }

    package var host = "127.0.0.1"
    /// 0 takes any that is free.
    package var port = 8750
    /// Without one the service speaks plain HTTP.
    package var certificate: Certificate?
    /// Further connections wait to be accepted.
    package var connectionCountMax = 1024
    /// Requests a minute of a credential without a limit of its own.
    package var requestsPerMinute = 600
    /// The clock by which they are counted.
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }
    /// Bytes of one header and of all of them.
    package var headerByteCountMax = 16 * 1024
    package var headerCountMax = 64
    /// Seconds until a request's head must be there.
    package var headSeconds = 10
    /// Seconds until its body must be there, and for which a client may take nothing of its answer.
    package var bodySeconds = 60
    /// Seconds for which a connection may stay open without a request.
    package var idleSeconds = 60
    /// Seconds that requests under way have when the service stops.
    package var stopSeconds = 30

    package init() {}
}
