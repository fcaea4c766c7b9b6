import Synchronization
package import VestigeVault

/// Does something just before or after a call of a store: what another process may do in between.
package final class Meanwhile: CallPost {
    private let call: String
    private let moment: Interruption.Moment
    private let timesLeft = Mutex(0)
    private let work: @Sendable () async throws -> Void

    /// - Parameter call: a member of ``VaultStore`` without its arguments.
    package init(_ moment: Interruption.Moment, _ call: String, _ work: @escaping @Sendable () async throws -> Void) {
        self.call = call
        self.moment = moment
        self.work = work
    }

    /// The next so many such calls are met.
    package func arm(times: Int = 1) { timesLeft.withLock { $0 = times } }

    package var happened: Bool { timesLeft.withLock { $0 <= 0 } }

    package func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result {
        let isMet =
            call.prefix { $0 != "(" } == self.call
            && timesLeft.withLock { left in
                left -= 1
                return left >= 0
            }
        if isMet, moment == .beforeItTakesEffect { try await work() }
        let result = try await body()
        if isMet, moment == .afterItTookEffect { try await work() }
        return result
    }

    package func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
        try body()
    }
}
