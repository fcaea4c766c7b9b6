import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeRights

/// Stores in memory that outlive the processes which use them.
private struct Stores {
    let keyring: InMemoryKeyring
    let trailStore: InMemoryTrailStore
    let vaultStore = InMemoryVaultStore()
    let desk = InMemoryDeskStore()
    let clock = TestClock()
    let policy: Policy

    init() async throws {
        keyring = try InMemoryKeyring()
        policy = try examplePolicy()
        trailStore = InMemoryTrailStore(identity: TrailIdentity(id: .random(), origin: try keyring.origin()))
        _ = try Trail.create(store: trailStore, signer: try signer(), clock: clock.now)
        let clock = clock
        _ = try await Vault.create(
            store: vaultStore, keyring: keyring, trail: trailStore.identity.id, now: { clock.now().microseconds })
    }

    private func signer() throws -> CheckpointSigner {
        try CheckpointSigner(origin: try keyring.origin(), key: try keyring.signingKey())
    }

    /// A process on these stores, which dies at `crash`.
    func process(dyingAt crash: Interruption? = nil) async throws -> (rights: Rights, recorder: Recorder, trail: Trail, vault: Vault) {
        let crash = crash ?? Interruption(at: .max, .beforeItTakesEffect)
        let clock = clock
        let trail = try Trail.open(store: trailStore, signer: try signer(), clock: clock.now)
        let vault = try await Vault.open(
            store: InterruptedVaultStore(vaultStore, by: crash), keyring: keyring, now: { clock.now().microseconds })
        let recorder = Recorder(policy: policy, vault: vault, trail: trail, clock: clock.now)
        let desk = InterruptedDeskStore(desk, by: crash)
        return (Rights(recorder: recorder, vault: vault, trail: trail, desk: desk, clock: clock.now), recorder, trail, vault)
    }

    /// Finishes what the dead process left, as a start does, and gives the certificates of a case.
    func certificatesAfterStart(_ reference: String) async throws -> [Certificate] {
        let next = try await process()
        try await next.rights.resume()
        try await next.rights.replay()
        try await next.rights.destroyDueKeys()
        let certificates = try await next.rights.certificates(.caseReference(reference), by: officer, purpose: "audit").certificates
        for certificate in certificates {
            #expect(Certificate.check(certificate.json(), by: next.trail.verifierKey).findings == [])
        }
        #expect(try await next.trail.verify().verdict == .intact)
        return certificates
    }
}

@Suite("A crash at any call of vault or desk")
struct CertificateCrashTests {
    private func look(at id: String, by actor: String) -> Entry {
        Entry(event: "read", actor: AuditActor(.user, id: actor), record: RecordReference(type: "user", id: id), purpose: "support")
    }

    @Test("leaves an erasure that has exactly one certificate, with the case it was asked for", arguments: Interruption.Moment.allCases)
    func erasing(_ moment: Interruption.Moment) async throws {
        let stores = try await Stores()
        var resumed = 0
        for call in 1... {
            let crash = Interruption(at: call, moment)
            let process = try await stores.process(dyingAt: crash)
            _ = try await process.recorder.record(look(at: "p\(call)", by: "7"))
            crash.arm()
            let reference = "case \(call)"
            let order = ErasureOrder(
                subject: try person("p\(call)"), role: .subject, caseReference: reference, purpose: "audit", actor: officer)
            _ = try? await process.rights.erase(order)
            let certificates = try await stores.certificatesAfterStart(reference)
            let isErased = try await stores.process().vault.standing(of: person("p\(call)"), as: .subject) == .erased
            #expect(certificates.count == (isErased ? 1 : 0), "call \(call)")
            #expect(certificates.allSatisfy { $0.facts.keys.first?.kek == 1 && $0.facts.askedBy == "user" })
            if certificates.first?.facts.isResumed == true { resumed += 1 }
            if !crash.happened { break }
        }
        #expect(resumed > 8)
    }

    @Test("of the run that destroys due keys loses neither certificate nor case", arguments: Interruption.Moment.allCases)
    func due(_ moment: Interruption.Moment) async throws {
        let stores = try await Stores()
        // Every fifth call, each moment beginning with another one.
        for call in stride(from: moment == .afterItTookEffect ? 1 : 3, to: .max, by: 5) {
            let crash = Interruption(at: call, moment)
            let process = try await stores.process(dyingAt: crash)
            for (actor, id) in [("s\(call)", "42"), ("7", "s\(call)")] {
                _ = try await process.recorder.record(look(at: id, by: actor))
            }
            let reference = "case \(call)"
            let order = ErasureOrder(subject: try person("s\(call)"), caseReference: reference, purpose: "audit", actor: officer)
            let day = try #require(try await process.rights.erase(order).deferredUntil)
            stores.clock.advance(days: day - stores.clock.today)
            // What was read before is too old by now.
            _ = try await process.vault.counts()
            crash.arm()
            _ = try? await process.rights.destroyDueKeys()
            let certificates = try await stores.certificatesAfterStart(reference)
            #expect(
                certificates.map(\.facts.roles).sorted { $0.count < $1.count }.flatMap { $0 }.sorted() == [.subject, .acting],
                "call \(call)")
            if !crash.happened { break }
        }
    }

    @Test("of an erasure leaves an acting key that waits its case, for the certificate of its day", arguments: Interruption.Moment.allCases)
    func waiting(_ moment: Interruption.Moment) async throws {
        let stores = try await Stores()
        // Every second call, each moment beginning with another one.
        for call in stride(from: moment == .afterItTookEffect ? 1 : 2, to: .max, by: 2) {
            let crash = Interruption(at: call, moment)
            let process = try await stores.process(dyingAt: crash)
            for (actor, id) in [("w\(call)", "42"), ("7", "w\(call)")] {
                _ = try await process.recorder.record(look(at: id, by: actor))
            }
            let reference = "case \(call)"
            crash.arm()
            _ = try? await process.rights.erase(
                ErasureOrder(subject: try person("w\(call)"), caseReference: reference, purpose: "audit", actor: officer))
            let roles = try await stores.certificatesAfterStart(reference).map(\.facts.roles)
            stores.clock.advance(days: 366)
            let later = try await stores.certificatesAfterStart(reference).map(\.facts.roles)
            #expect(later.count == roles.count * 2, "call \(call): \(roles), then \(later)")
            if !crash.happened { break }
        }
    }

    @Test("and a desk that was lost meanwhile: the case comes from the entry, as long as the key of whoever asked lives")
    func deskLost() async throws {
        let stores = try await Stores()
        let process = try await stores.process()
        _ = try await process.recorder.record(look(at: "42", by: "7"))
        let ids = (0..<3).map { EntryID.make(at: stores.clock.now().adding(days: $0)).bytes }
        let ticket = try #require(
            try await process.vault.beginErasure(
                of: person("42"), roles: [.subject], started: ids[0], completed: ids[1], erasure: ids[2]))
        var started = BuiltInEntry(action: "erasure.started", event: "erased", actor: officer, purpose: "audit")
        started.id = EntryID(ids[0])
        started.subjects = ticket.pseudonyms
        started.caseReference = "2026-117"
        started.details = ["erasure": .code(UUIDText.write(ids[2])), "role": .code("subject")]
        _ = try await process.recorder.record(started)
        try await process.vault.destroyKeys(ticket, fenceUntil: 30_000)
        let certificates = try await stores.certificatesAfterStart("2026-117")
        let facts = try #require(certificates.first?.facts)
        #expect(facts.isResumed && facts.finishedBy == "system" && facts.askedBy == "user")
        // Nobody wrote down when the keys went and under which key-encryption key: it is not made up.
        #expect(facts.destroyedAt == nil && facts.keys == [CertificateFacts.Key(role: .subject, kek: nil)])
    }

    @Test("and a clock set back meanwhile: the body never speaks of later than its entry")
    func clockSetBack() async throws {
        let stores = try await Stores()
        for call in stride(from: 2, to: .max, by: 4) {
            let crash = Interruption(at: call, .afterItTookEffect)
            let process = try await stores.process(dyingAt: crash)
            _ = try await process.recorder.record(look(at: "p\(call)", by: "7"))
            stores.clock.advance(days: 1)
            crash.arm()
            let order = ErasureOrder(
                subject: try person("p\(call)"), role: .subject, caseReference: "case \(call)", purpose: "audit", actor: officer)
            _ = try? await process.rights.erase(order)
            stores.clock.advance(days: -1)
            // Findings would name a moment after recorded_at.
            _ = try await stores.certificatesAfterStart("case \(call)")
            stores.clock.advance(days: 1)
            if !crash.happened { break }
        }
    }
}
