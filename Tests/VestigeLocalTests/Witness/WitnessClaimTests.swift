import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeDesk
import VestigeLocal
import VestigeSQLite
import VestigeTesting

/// What a witness may say, and what somebody may write who is none.
@Suite("What witnesses claim", .timeLimit(.minutes(2)))
struct WitnessClaimTests {
    private static let day: UInt64 = 86_400

    @Test("A good signature over a time that cannot be is a bad answer, and nothing of it is kept")
    func times() async throws {
        let seconds = Mutex(UInt64(0))
        let it = try await Witnessed(seconds: { seconds.withLock { $0 } })
        let now = UInt64(Date().timeIntervalSince1970)
        for wrong in [0, now + 2 * Self.day, 253_402_300_799, 253_402_300_800, UInt64(Int64.max)] {
            seconds.withLock { $0 = wrong }
            #expect(try await it.submit() == .refused(.badAnswer(status: 200)), "\(wrong)")
        }
        let standing = try #require(try await it.vestige.status().witnesses.first)
        #expect(standing.size == 0 && standing.cosignedAt == nil)
        // A clock that is ahead by a little is nobody's business.
        seconds.withLock { $0 = now + Self.day / 2 }
        #expect(isCosigned(try await it.submit()))
        try await it.vestige.close()
    }

    @Test(
        "A memory that holds what nobody would say today does not stop the status",
        arguments: [
            #"{"size":3,"seconds":9223372036854775807}"#, #"{"size":3,"seconds":18446744073709551615}"#, #"{"size":3,"seconds":0}"#,
            #"{"size":18446744073709551615,"seconds":1780000000}"#,
        ])
    func damagedMemory(memory: String) async throws {
        let it = try await Witnessed()
        let place = DeskPlace("witnesses", "\(it.vestige.trail.identity.id.hex) \(it.witness.key.keyIDHex) \(it.witness.key.name)")
        let desk = try SQLiteDeskStore.openOrCreate(in: it.folder.place.data)
        try await desk.put(Array(memory.utf8), at: place, replacing: nil)
        try desk.close()
        let status = try await it.vestige.status()
        #expect(status.witnesses.first?.cosignedAt == nil)
        #expect(status.json.count > 0)
        #expect(try await it.vestige.witnesses().count == 1)
        try await it.vestige.close()
    }

    @Test("A size in the head's row that the checkpoint does not say is one finding, however large", .enabled(if: SQLPrompt.isThere))
    func headRow() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        try await it.vestige.close()
        for size in ["1000000000000000", "9223372036854775807", "-1"] {
            try await SQLPrompt.run("update head set size = \(size)", on: it.trailFile)
            let findings = try await Vestige.verify(it.folder.place).findings
            #expect(findings.map(\.message) == ["the newest checkpoint is of another size than its row"])
            #expect(await refusal { try await it.folder.open().close() }?.contains("of another size than its row") == true)
        }
    }

    @Test("What nobody's witness wrote under a checkpoint is found, and neither given out nor published", .enabled(if: SQLPrompt.isThere))
    func nobody() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        let cosigned = try await it.size
        try await it.record(3)
        try await SQLPrompt.run(
            """
            insert into checkpoints select size, checkpoint from head;
            insert into cosignatures select size, '— nobody.example ' || 'AAAAAAAAAAAAAAAA' || char(10) from head;
            insert into cosignatures select size, 'thank you' || char(10) from head;
            """, on: it.trailFile)
        let report = try await it.vestige.verify()
        #expect(report.findings.map(\.kind) == [.stray, .stray], "\(report.findings)")
        let tree = it.folder.path + "/tree"
        #expect(try await it.vestige.publish(to: tree, cosignedOnly: true).size == cosigned)
        let other = it.folder.path + "/newest"
        #expect(try await it.vestige.publish(to: other).size == cosigned + 3)
        #expect(try String(contentsOfFile: other + "/checkpoint", encoding: .utf8).contains("nobody") == false)
        try await it.vestige.close()
    }

    @Test("What a removed witness cosigned still counts")
    func removed() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        let cosigned = try await it.size
        _ = try await it.vestige.removeWitness(named: it.witness.key.name, by: ana)
        #expect(try await it.vestige.verify().verdict == .intact)
        #expect(try await it.vestige.publish(to: it.folder.path + "/tree", cosignedOnly: true).size == cosigned)
        try await it.vestige.close()
    }

    @Test(
        "Cosignatures and cosigned checkpoints that were taken away are missed, since the desk remembers them",
        .enabled(if: SQLPrompt.isThere),
        arguments: [
            "delete from cosignatures",
            "delete from cosignatures; delete from checkpoints where size = (select max(size) from checkpoints)",
        ])
    func takenAway(sql: String) async throws {
        let it = try await Witnessed()
        try await it.record(5)
        #expect(isCosigned(try await it.submit()))
        try await it.record(2)
        try await it.vestige.close()
        #expect(try await Vestige.verify(it.folder.place).verdict == .intact)
        try await SQLPrompt.run(sql, on: it.trailFile)
        let findings = try await Vestige.verify(it.folder.place).findings
        #expect(findings.map(\.kind) == [.checkpoint], "\(findings)")
        #expect(findings.first?.message.contains("witness.example/w1") == true)
        #expect(try await Vestige.verify(it.folder.place, scope: .sinceLast).findings.map(\.kind) == [.checkpoint])
    }

    @Test("A cosignature that a copy of the trail does not have is kept by the next submission", .enabled(if: SQLPrompt.isThere))
    func keptAgain() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        try await it.vestige.close()
        try await SQLPrompt.run(
            "delete from cosignatures; delete from checkpoints where size = (select size from head)", on: it.trailFile)
        #expect(try await Vestige.verify(it.folder.place).findings.map(\.kind) == [.checkpoint])
        let vestige = try await it.folder.open()
        #expect(try await vestige.submitToWitnesses(over: it.transport).isComplete)
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    @Test("Lines that somebody puts under the newest checkpoint are not given out", .enabled(if: SQLPrompt.isThere))
    func headNote() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        let before = try await it.vestige.trail.checkpoint()
        try await SQLPrompt.run(
            "update head set checkpoint = checkpoint || '— nobody.example ' || 'AAAAAAAAAAAAAAAA' || char(10)", on: it.trailFile)
        let trail = it.vestige.trail
        #expect(try await trail.checkpoint().note != before.note)
        #expect(try await trail.cosigned(try await trail.checkpoint()) { [] } == before.note)
        let given = try await trail.cosigned(try await trail.checkpoint()) { try await LocalVestige.witnessKeys(of: trail) }
        #expect(given.hasPrefix(before.note) && given.contains("— witness.example/w1 ") && !given.contains("nobody"))
        #expect(try await it.vestige.publish(to: it.folder.path + "/tree").size == before.size)
        #expect(try String(contentsOfFile: it.folder.path + "/tree/checkpoint", encoding: .utf8) == given)
        try await it.vestige.close()
    }

    @Test("A witness that names another size each time makes one entry a day")
    func sizes() async throws {
        let it = try await Witnessed()
        for seen in 0..<5 {
            it.witness.answerNext([InMemoryWitness.Answer(status: 409, body: "\(1_000_000 + seen)\n")])
            #expect(try await it.submit() == .refused(.sawMore(size: UInt64(1_000_000 + seen))))
        }
        #expect(try await it.refusals().count == 1)
        #expect(try await it.vestige.witnesses().first?.trouble?.contains("1000004") == true)
        try await it.vestige.close()
    }

    @Test("A witness that has cosigned nothing for over a day is overdue, once the trail has grown")
    func overdue() async throws {
        let seconds = Mutex(UInt64(Date().timeIntervalSince1970) - 2 * Self.day)
        let it = try await Witnessed(seconds: { seconds.withLock { $0 } })
        #expect(try await it.vestige.witnesses().first?.isOverdue == false)
        #expect(isCosigned(try await it.submit()))
        #expect(try await it.vestige.witnesses().first?.isOverdue == false)
        try await it.record(1)
        let status = try await it.vestige.status()
        #expect(status.witnesses.first?.isOverdue == true)
        #expect(String(decoding: status.json, as: UTF8.self).contains(#""trouble":null,"overdue":true"#))
        seconds.withLock { $0 += 2 * Self.day }
        #expect(isCosigned(try await it.submit()))
        try await it.record(1)
        let after = try await it.vestige.status()
        #expect(after.witnesses.first?.isOverdue == false && !String(decoding: after.json, as: UTF8.self).contains("overdue\":true"))
        try await it.vestige.close()
    }

    @Test("Two submissions at once both ask every witness, and neither fails", arguments: 0..<4)
    func atOnce(round: Int) async throws {
        let it = try await Witnessed()
        let second = InMemoryWitness(name: "other.example/w2", signingKey: try SigningKey.generate())
        second.trust(it.vestige.trail.verifierKey)
        _ = try await it.vestige.addWitness(Witness(vkey: "\(second.key)", url: "https://w2.example"), by: ana)
        let transport = MeetingTransport(
            inner: MemoryTransport(witnesses: [
                "https://w1.example/submit/add-checkpoint": it.witness, "https://w2.example/add-checkpoint": second,
            ]))
        let (vestige, other) = (it.vestige, try await it.folder.open())
        async let mine = vestige.submitToWitnesses(over: transport)
        async let theirs = other.submitToWitnesses(over: transport)
        let rounds = try await [mine, theirs]
        #expect(rounds.allSatisfy { $0.isComplete && $0.outcomes.count == 2 })
        #expect(try await vestige.verify().verdict == .intact)
        try await other.close()
        try await vestige.close()
    }
}

/// Answers the first two requests only when both are there.
private final class MeetingTransport: WitnessTransport {
    private let inner: MemoryTransport
    private let count = Mutex(0)

    init(inner: MemoryTransport) {
        self.inner = inner
    }

    func post(_ body: String, to url: String) async throws -> WitnessAnswer {
        count.withLock { $0 += 1 }
        _ = try await eventually { self.count.withLock { $0 } >= 2 }
        return try await inner.post(body, to: url)
    }
}
