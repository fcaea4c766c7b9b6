import Foundation
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import PeopleDirectory

@Suite("The demo's traffic in a real trail")
struct RecordedTrafficTests {
    @Test("is answered as planned, asked for from both sides, and verifies", .timeLimit(.minutes(3)))
    func answers() async throws {
        let clock: VestigeTrail.Clock = { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }
        let origin = "vestige.test/traffic"
        let keyring = try InMemoryKeyring(origin: origin)
        let identity = TrailIdentity(id: .random(), origin: origin)
        let signer = try CheckpointSigner(origin: origin, key: keyring.signingKey())
        let trail = try Trail.create(store: InMemoryTrailStore(identity: identity), signer: signer, clock: clock)
        let vault = try await Vault.create(
            store: InMemoryVaultStore(), keyring: keyring, trail: identity.id,
            now: { clock().microseconds / Timestamp.microsecondsPerSecond })
        let recorder = Recorder(policy: try DirectoryPolicy.parsed(), vault: vault, trail: trail, clock: clock)

        let host = try DirectoryHost(recorder: recorder)
        let people = host.generator.people()
        let plan = TrafficPlan(people: people, hardware: host.generator.hardware(for: people))
        try await host.drive(plan, people: people) { request, status in
            #expect(status == request.expectedStatus, "\(request.path)")
        }

        let inquiry = Inquiry(recorder: recorder, vault: vault, trail: trail)
        let auditor = Asker.keyHolder(AuditActor(.user, id: "auditor"), purpose: "audit")
        let hottest = plan.hottestPersonID
        let planned = plan.views(ofPerson: hottest).reversed().compactMap(\.expectedEntry)
        let viewed = try await inquiry.whoViewed(
            ViewsQuestion(.record(type: "user", id: hottest), limit: 10_000), asker: auditor)
        try #require(viewed.total == planned.count)
        #expect(viewed.views.map { $0.entry.header?.status.rawValue } == planned.map(\.status))
        #expect(viewed.views.map { $0.entry.header?.purpose } == planned.map(\.purpose))

        let busiest = plan.busiestActorID
        let reach = try await inquiry.viewedBy(.record(type: "user", id: busiest), asker: auditor)
        #expect(reach.total == plan.looks(byActor: busiest).count)

        let report = try await trail.verify()
        #expect(report.findings.isEmpty)
        #expect(report.head.size == UInt64(plan.entries.count + plan.actorIDs.count + 2))
    }
}
