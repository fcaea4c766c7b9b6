package import VestigeCore
package import VestigeInquiry
import VestigePolicy
package import VestigeTrail
package import VestigeVault

/// One trail that the service answers for, with its own policy, keys and credentials. Where it lies is its composer's business.
package struct Tenant: Sendable {
    package let name: String
    let recorder: Recorder
    let inquiry: Inquiry
    let vault: Vault
    let trail: Trail
    let tokens: TokenBook
    /// `vestige status --json`.
    let status: @Sendable () async throws -> [UInt8]
    /// Acts that do not stand in the trail yet, and why acts are refused, if they are.
    let spool: @Sendable () -> (waiting: Int, failure: String?)
    /// How far behind each sink is.
    let sinks: @Sendable () async throws -> [(name: String, entries: UInt64, seconds: Double)]
    /// Where the lines of exports say they come from.
    let source: ExportSource
    /// Seconds by which its clock is behind its newest entry, if that is too much.
    let clockBehind: @Sendable () async throws -> Int64?
    let clock: Clock
    /// Trails that the present one goes on from, after recoveries; the newest first, the first of all is 1.
    let older: [(number: Int, trail: Trail)]
    /// Whose cosignatures of a trail are given out with its checkpoint.
    let witnesses: @Sendable (Trail) async throws -> [WitnessKey]
    /// Of the identity provider that the policy names, if it names one.
    let issuerKeys: IssuerKeys?

    var policy: Policy { recorder.policy }

    /// - Parameter issuerKeys: reads the JWK set of `access.oidc`; `nil` where the policy has none.
    package init(
        name: String, recorder: Recorder, inquiry: Inquiry, vault: Vault, trail: Trail, tokens: TokenBook,
        status: @escaping @Sendable () async throws -> [UInt8], spool: @escaping @Sendable () -> (waiting: Int, failure: String?),
        sinks: @escaping @Sendable () async throws -> [(name: String, entries: UInt64, seconds: Double)] = { [] },
        source: ExportSource, clockBehind: @escaping @Sendable () async throws -> Int64? = { nil },
        older: [(number: Int, trail: Trail)] = [], witnesses: @escaping @Sendable (Trail) async throws -> [WitnessKey] = { _ in [] },
        issuerKeys: (@Sendable () async throws -> [UInt8])? = nil, clock: @escaping Clock
    ) {
        self.name = name
        self.recorder = recorder
        self.inquiry = inquiry
        self.vault = vault
        self.trail = trail
        self.tokens = tokens
        self.status = status
        self.spool = spool
        self.sinks = sinks
        self.source = source
        self.clockBehind = clockBehind
        self.older = older
        self.witnesses = witnesses
        self.clock = clock
        self.issuerKeys = issuerKeys.map { IssuerKeys(read: $0) }
    }
}
