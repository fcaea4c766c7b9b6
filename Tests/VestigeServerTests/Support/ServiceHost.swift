import Foundation
import Logging
import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

/// The service on a real port over a trail in memory, with a token for each role of the example host's policy.
final class ServiceHost: Sendable {
    static let roles = ["admin", "auditor", "dpo", "host", "self"]

    let vestige: InMemoryVestige
    let clock = TestClock()
    let tokens: TokenBook
    let tenant: Tenant
    let logs = LogLines()
    /// Good ones, by role.
    let secrets: [String: String]

    /// - Parameters:
    ///   - issuer: whose keys the service would ask for.
    ///   - change: of the policy's text.
    init(name: String = "default", issuer: IdentityProvider? = nil, policy change: (String) -> String = { $0 }) async throws {
        let text = try String(contentsOfFile: Checkout.path("Policies/people-directory.yaml"), encoding: .utf8)
        let policy = try Policy.parse(Array(change(text).utf8), file: "test.yaml")
        let clock = clock
        vestige = try await InMemoryVestige(policy: policy, clock: { clock.now })
        tokens = TokenBook(desk: vestige.deskStore, vault: vestige.vault, recorder: vestige.recorder, clock: { clock.now })
        tenant = Tenant(
            name: name, recorder: vestige.recorder, inquiry: vestige.inquiry, vault: vestige.vault, trail: vestige.trail, tokens: tokens,
            status: { Array(#"{"origin":"test","vkey":"test","size":0,"root":"test"}"#.utf8) }, spool: { (0, nil) },
            sinks: { [("siem", 7, 1.5)] }, source: ExportSource(tenant: name, host: "test-host", processID: 1),
            issuerKeys: issuer?.reading, clock: { clock.now })
        try await Self.recordLooks(by: vestige.recorder)
        var secrets: [String: String] = [:]
        for role in Self.roles { secrets[role] = try await tokens.create(Self.order(role), by: Self.admin).secret }
        self.secrets = secrets
    }

    /// The same tenant, after recoveries from these trails.
    func tenant(before older: [(number: Int, trail: Trail)]) -> Tenant {
        let clock = clock
        return Tenant(
            name: tenant.name, recorder: vestige.recorder, inquiry: vestige.inquiry, vault: vestige.vault, trail: vestige.trail,
            tokens: tokens,
            status: tenant.status, spool: tenant.spool, source: tenant.source, older: older, clock: { clock.now })
    }

    static let admin = AuditActor(.user, id: "1", name: "Iris Admin")

    static func order(_ role: String, days: Int = 90) -> TokenOrder {
        var order = TokenOrder(role: role, holder: role == "self" ? "user/42" : role == "host" ? "api/billing" : "user/\(role)-1")
        order.days = days
        return order
    }

    /// Ana (7) looks at Ben (42) three times and at a device of his; Ben looks at himself.
    private static func recordLooks(by recorder: Recorder) async throws {
        let ana = AuditActor(.user, id: "7", name: "Ana Lima", email: "ana@example.org", role: "agent", ip: "10.0.0.7")
        let ben = try SubjectID(type: "user", id: "42")
        for _ in 0..<3 {
            _ = try await recorder.record(.read(RecordReference(ben), fields: ["email"], purpose: "support"), by: ana)
        }
        _ = try await recorder.record(
            .read(RecordReference(type: "hardware", id: "142"), subjects: [EntrySubject(ben)], purpose: "inventory"), by: ana)
        _ = try await recorder.record(.read(RecordReference(ben), purpose: "own"), by: AuditActor(.user, id: "42"))
    }

    func service(_ configuration: ServiceConfiguration = ServiceHost.anyPort, beside others: [Tenant] = []) -> Service {
        Service(tenants: [tenant] + others, configuration: configuration, logger: logs.logger)
    }

    static var anyPort: ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.port = 0
        // Closed in time is only who means to be slow: those tests set their own.
        configuration.headSeconds = 600
        configuration.bodySeconds = 600
        configuration.idleSeconds = 600
        return configuration
    }

    /// The same at one moment: of no credential's limit anything comes back.
    static var standingStill: ServiceConfiguration {
        var configuration = anyPort
        let moment = ContinuousClock.now
        configuration.now = { moment }
        return configuration
    }

    /// Serves while `body` asks.
    func serve<Outcome: Sendable>(
        _ configuration: ServiceConfiguration = ServiceHost.anyPort, beside others: [Tenant] = [],
        _ body: @escaping @Sendable (ServiceClient) async throws -> Outcome
    ) async throws -> Outcome {
        let outcome = try await service(configuration, beside: others).serve { port in try await body(ServiceClient(port: port)) }
        // In every test of the service: what was logged names nobody and leads to no token.
        let logged = logs.text
        for value in Self.personalValues + secrets.values.map({ String($0.dropFirst(TokenSecret.prefix.count)) }) {
            #expect(!logged.contains(value), "the log says \(value)")
        }
        return outcome
    }

    /// Of people whom tests record, or as whom they ask; ids are too short to be searched for.
    static let personalValues = ["Ana Lima", "ana@example.org", "10.0.0.7", "Iris Admin", "Olga Other", "Ida Dpo"]

    /// The same, as the holder of a token of this role.
    func serve<Outcome: Sendable>(
        as role: String, _ body: @escaping @Sendable (ServiceClient) async throws -> Outcome
    ) async throws -> Outcome {
        let secret = secrets[role]
        return try await serve { try await body($0.with(secret)) }
    }

    /// So many looks of Ana's at Ben more.
    func recordLooks(_ count: Int) async throws {
        let ben = RecordReference(type: "user", id: "42")
        for _ in 0..<count {
            _ = try await vestige.recorder.record(.read(ben, purpose: "support"), by: AuditActor(.user, id: "7", name: "Ana Lima"))
        }
    }

    /// The newest entry of the trail, opened for somebody who may see all.
    func newest() async throws -> OpenedEntry? { try await newest(1).first }

    func newest(_ count: Int) async throws -> [OpenedEntry] {
        try await vestige.inquiry.open(try await vestige.trail.page(IndexQuery(limit: count)))
    }
}
