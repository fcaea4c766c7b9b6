import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

/// Attacks on a trail of 40 entries, in which entry 40 redacts 7 and 9.
@Suite("Verification tells redacted bodies from missing ones")
struct RedactionTamperingTests {
    static func decision(_ seqs: [UInt64], action: String = Redaction.action, channel: String = Redaction.channel) throws
        -> SealedEntry
    {
        let header = Header(
            id: .make(at: TrailFixture.start), occurredAt: TrailFixture.start, channel: channel, event: "redacted", action: action,
            actor: ActorReference(type: "user", identity: .pseudonym(.random())))
        return try SealedEntry(
            header: header, payload: Payload(items: [Payload.Item(kind: .clear, bytes: Redaction.encode(seqs))]))
    }

    private static func redacted() async throws -> TrailFixture {
        let fixture = try TrailFixture()
        try await fixture.append(40)
        _ = try await fixture.trail.append(decision([9, 7]))
        #expect(try await fixture.trail.carryOut(try #require(try await fixture.trail.redactions().first)))
        try await fixture.append(5)
        return fixture
    }

    static let attacks: [Attack] = [
        Attack("a body deleted without a row", .missing, at: 8) { contents, _ in contents.bodies[8] = nil },
        Attack("a body deleted under a forged row", .missing, at: 8) { contents, _ in
            contents.bodies[8] = nil
            contents.redactions[8] = contents.redactions[7]
        },
        Attack("a body deleted under a row that names no entry", .missing, at: 8) { contents, _ in
            contents.bodies[8] = nil
            contents.redactions[8] = .zero
        },
        Attack("a forged row beside a body", .redaction, at: 8) { contents, _ in contents.redactions[8] = contents.redactions[7] },
        Attack("the row of a redaction removed", .missing, at: 7) { contents, _ in contents.redactions[7] = nil },
        Attack("a redaction laid to another entry", .missing, at: 7) { contents, _ in
            contents.redactions[7] = contents.leaves[41].flatMap(Leaf.init(decoding:))?.id.bytes
        },
        Attack("a redacted body put back", .redaction, at: 7) { contents, _ in contents.bodies[7] = contents.bodies[8] },
        Attack("an index row left behind", .index, at: 7) { contents, _ in contents.index[7] = contents.index[8] },
        Attack("a term left behind", .index, at: 7) { contents, _ in
            contents.terms.insert(TermPlace(term: Term(.lookedAt, .zero), seq: 7))
        },
        Attack("the decision's text changed", .missing, at: 9) { contents, _ in
            guard let old = contents.bodies[40] else { return }
            contents.bodies[40] = StoredEntry.Body(
                headerSalt: old.headerSalt, header: old.header, payloadSalt: old.payloadSalt,
                payload: Payload(items: [Payload.Item(kind: .clear, bytes: Redaction.encode([7]))]).encoded())
        },
        Attack("the decision's own body deleted", .missing, at: 7) { contents, _ in contents.bodies[40] = nil },
        Attack("a row beyond the trail", .stray, at: 900) { contents, _ in contents.redactions[900] = contents.redactions[7] },
    ]

    @Test("What is done to a redacted trail is found, by kind and place", arguments: attacks)
    func found(attack: Attack) async throws {
        let fixture = try await Self.redacted()
        let report = try await fixture.trail.verify()
        #expect(report.verdict == .intact && report.redacted == 2)
        var contents = fixture.store.snapshot
        try attack.change(&contents, fixture.signer)
        #expect(contents != fixture.store.snapshot, "the attack changed nothing")
        let store = InMemoryTrailStore(identity: fixture.store.identity, contents: contents)
        let found = try TrailVerifier(store: store, key: fixture.signer.verifierKey).verify()
        #expect(found.findings.contains { $0.kind == attack.kind && $0.seq == attack.seq }, "found \(found.findings)")
    }

    @Test("An entry that only looks like a decision decides nothing", arguments: 0..<5)
    func noDecision(_ kind: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(10)
        let entry =
            switch kind {
            case 0: try Self.decision([3], channel: "people")
            case 1: try Self.decision([3], action: "retention.pruned")
            case 2: try Self.decision([10])
            case 3: try Self.decision([])
            default: try TrailFixture.entry(3)
            }
        let seq = try await fixture.trail.append(entry).seq
        #expect(seq == 10)
        _ = try fixture.store.redact([3], by: entry.header.id)
        let report = try await fixture.trail.verify()
        #expect(report.findings.map(\.kind) == [.missing] && report.findings[0].seq == 3 && report.redacted == 0)
        #expect(report.findings[0].message.contains("no entry of the trail does"))
    }

    @Test("A decision that was not carried out is found, and once it is carried out all is well")
    func pending() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(10)
        _ = try await fixture.trail.append(Self.decision([3]))
        #expect(try await fixture.trail.verify().findings.map(\.kind) == [.redaction])
        let redaction = try #require(try await fixture.trail.redactions().first)
        #expect(redaction.seqs == [3] && redaction.seq == 10)
        #expect(try await fixture.trail.carryOut(redaction))
        #expect(try await fixture.expectIntact())
        #expect(try await fixture.trail.redactedCount() == 1)
    }

    @Test("Verifying holds while others append and redact")
    func whileRedacting() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(300)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for seq in 0..<60 {
                    let seq = try await fixture.trail.append(Self.decision([UInt64(seq * 5)])).seq
                    let redaction = try #require(try await fixture.trail.redactions().first { $0.seq == seq })
                    #expect(try await fixture.trail.carryOut(redaction))
                }
            }
            for _ in 0..<25 {
                let findings = try await fixture.trail.verify().findings
                // One that is decided and about to be carried out is all that may be seen.
                #expect(findings.count <= 1 && findings.allSatisfy { $0.kind == .redaction }, "\(findings)")
            }
            try await group.waitForAll()
        }
        let report = try await fixture.trail.verify()
        #expect(report.verdict == .intact && report.redacted == 60)
    }
}
