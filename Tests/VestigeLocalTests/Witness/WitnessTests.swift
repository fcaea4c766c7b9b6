import Foundation
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

@Suite("Witnesses")
struct WitnessTests {
    @Test("A growing trail is cosigned, each time with a proof from what the witness saw; verification holds the lines")
    func grows() async throws {
        let it = try await Witnessed()
        var sizes: [UInt64] = []
        for count in [0, 3, 270, 1] {
            try await it.record(count)
            #expect(isCosigned(try await it.submit()))
            sizes.append(try await it.size)
            #expect(it.witness.head(of: it.vestige.trail.origin)?.size == sizes.last)
        }
        // The first knew nothing of the size, and every later one asked right away from the last.
        #expect(it.witness.requests.map { $0.prefix { $0 != "\n" } } == ["old 0", "old 2", "old 5", "old 275"])
        let standing = try #require(try await it.vestige.status().witnesses.first)
        #expect(standing.size == sizes.last && standing.trouble == nil && standing.cosignedAt?.microseconds == 1_780_000_000_000_000)
        #expect(try await it.vestige.trail.newestCosigned(by: [it.witness.key])?.size == sizes.last)
        #expect(try await it.vestige.verify().verdict == .intact)
        try await it.vestige.close()
        #expect(try await Vestige.verify(it.folder.place).verdict == .intact)
    }

    @Test("The same tree again is asked about again, and kept once")
    func again() async throws {
        let it = try await Witnessed()
        for _ in 0..<3 { #expect(isCosigned(try await it.submit())) }
        #expect(it.witness.requests.last?.hasPrefix("old 2\n\n") == true)
        let note = try #require(try await it.vestige.trail.newestCosigned(by: [it.witness.key])?.note)
        #expect(note.split(separator: "\n").filter { $0.hasPrefix("— ") }.count == 2)
        try await it.vestige.close()
    }

    @Test("A witness that knows another size says so, and is asked again from there")
    func conflict() async throws {
        let it = try await Witnessed()
        #expect(isCosigned(try await it.submit()))
        try await it.record(10)
        // It lost its state; then the desk did.
        it.witness.set(.empty, of: it.vestige.trail.origin)
        #expect(isCosigned(try await it.submit()))
        #expect(it.witness.requests.suffix(2).map { $0.prefix { $0 != "\n" } } == ["old 2", "old 0"])
        try FileManager.default.removeItem(atPath: it.folder.file("desk.sqlite"))
        try await it.record(2)
        #expect(isCosigned(try await it.submit()))
        #expect(it.witness.requests.suffix(2).map { $0.prefix { $0 != "\n" } } == ["old 0", "old 12"])
        try await it.vestige.close()
    }

    @Test("Each refusal of the specification is told, with an entry that stands once")
    func refusals() async throws {
        let it = try await Witnessed(trusted: false)
        #expect(try await it.submit() == .refused(.unknownTrail))
        #expect(try await it.submit() == .refused(.unknownTrail))
        #expect(try await it.refusals().map { $0.details["reason"] } == [.code("unknown_trail")])
        it.witness.trust(VerifierKey(name: it.vestige.trail.origin, publicKey: .random()))
        #expect(try await it.submit() == .refused(.unknownKey))
        let standing = try #require(try await it.vestige.witnesses().first)
        #expect(standing.size == 0 && standing.trouble?.contains("does not know this trail's key") == true)
        it.witness.trust(it.vestige.trail.verifierKey)
        #expect(isCosigned(try await it.submit()))
        #expect(try await it.vestige.witnesses().first?.trouble == nil)
        for (status, expected) in [(400, WitnessRefusal.malformed), (404, .unknownTrail), (403, .unknownKey)] {
            it.witness.answerNext([InMemoryWitness.Answer(status: status)])
            #expect(try await it.submit() == .refused(expected))
        }
        // One of a kind in a day.
        #expect(try await it.refusals().count == 3)
        #expect(!WitnessRefusal.unknownTrail.isAlarm && !WitnessRefusal.malformed.isAlarm)
        try await it.vestige.close()
    }

    @Test("An answer without a good cosignature by that very key does not count")
    func badAnswers() async throws {
        let it = try await Witnessed()
        let stranger = InMemoryWitness(name: it.witness.key.name, signingKey: try SigningKey.generate())
        stranger.trust(it.vestige.trail.verifierKey)
        let checkpoint = try await it.vestige.trail.checkpoint()
        let strange = stranger.addCheckpoint("old 0\n\n" + checkpoint.note).body
        let good = it.witness.addCheckpoint("old 0\n\n" + checkpoint.note).body
        for body in [strange, "", "thank you\n", good.replacing("AAAABq", with: "AAAABr"), "<html></html>"] {
            it.witness.answerNext([InMemoryWitness.Answer(status: 200, body: body)])
            #expect(try await it.submit() == .refused(.badAnswer(status: 200)), "\(body)")
        }
        for body in ["", "2", "two\n", "02\n", "<html></html>\n"] {
            it.witness.answerNext([InMemoryWitness.Answer(status: 409, body: body)])
            #expect(try await it.submit() == .refused(.badAnswer(status: 409)), "\(body)")
        }
        #expect(try await it.vestige.trail.newestCosigned(by: [it.witness.key]) == nil)
        try await it.vestige.close()
    }

    @Test("A witness that cannot be reached, or says to come later, is told of without an entry")
    func unreachable() async throws {
        let it = try await Witnessed()
        for status in [500, 503, 429, 302] {
            it.witness.answerNext([InMemoryWitness.Answer(status: status)])
            #expect(try await it.submit() == .unreachable("it answered with status \(status)"))
        }
        let nowhere = MemoryTransport(witnesses: [:])
        let round = try await it.vestige.submitToWitnesses(over: nowhere)
        #expect(!round.isComplete && round.outcomes.first?.outcome == .unreachable("no route to host"))
        #expect(try await it.vestige.witnesses().first?.trouble == "was not reached: no route to host")
        // One that moves on for ever is left alone.
        it.witness.answerNext((0..<9).map { InMemoryWitness.Answer(status: 409, body: "\(($0 + 1) % 2)\n") })
        #expect(try await it.submit() == .unreachable("it had seen another size at each attempt"))
        #expect(try await it.refusals().isEmpty)
        try await it.vestige.close()
    }

    @Test("An older copy that was put back is noticed by the witness: it saw more")
    func rolledBack() async throws {
        let it = try await Witnessed()
        try await it.vestige.close()
        let copy = it.folder.path + "/copy"
        try FileManager.default.copyItem(atPath: it.folder.place.data, toPath: copy)
        let vestige = try await it.folder.open()
        for number in 0..<7 { _ = try await vestige.recorder.record(look(at: "p\(number)")) }
        #expect(try await vestige.submitToWitnesses(over: it.transport).isComplete)
        let seen = try await vestige.trail.checkpoint().size
        try await vestige.close()

        let older = try await Vestige.open(copy, keyring: it.folder.place.keyring)
        let round = try await older.submitToWitnesses(over: it.transport)
        #expect(round.outcomes.first?.outcome == .refused(.sawMore(size: seen)))
        var query = IndexQuery(limit: 1)
        query.actions = ["trail.witness_refused"]
        let entry = try #require(try await older.trail.page(query).first?.body)
        let header = try Header(decoding: entry.header)
        #expect(header.details["seen"] == .integer(Int64(seen)) && header.details["reason"] == .code("saw_more"))
        #expect(header.status == .failure && header.channel == "compliance")

        // Gone on with in its own way, to the same size and beyond.
        while try await older.trail.checkpoint().size < seen { _ = try await older.recorder.record(look(at: "q")) }
        if try await older.trail.checkpoint().size == seen {
            #expect(try await older.submitToWitnesses(over: it.transport).outcomes.first?.outcome == .refused(.sawOther(size: seen)))
        }
        for _ in 0..<3 { _ = try await older.recorder.record(look(at: "q")) }
        let inconsistent = try await older.submitToWitnesses(over: it.transport)
        #expect(inconsistent.outcomes.first?.outcome == .refused(.inconsistent(size: seen)))
        #expect(WitnessRefusal.inconsistent(size: seen).isAlarm && WitnessRefusal.sawMore(size: seen).isAlarm)
        try await older.close()
    }

    @Test("Trail and vault put back together are found by what the desk kept of the witness")
    func deskKnows() async throws {
        let it = try await Witnessed()
        try await it.vestige.close()
        let data = it.folder.place.data
        let copies = ["trail.sqlite", "vault.sqlite"]
        for name in copies { try FileManager.default.copyItem(atPath: "\(data)/\(name)", toPath: "\(it.folder.path)/\(name)") }
        let vestige = try await it.folder.open()
        _ = try await vestige.recorder.record(look(at: "p1"))
        #expect(try await vestige.submitToWitnesses(over: it.transport).isComplete)
        try await vestige.close()
        for name in copies {
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: "\(data)/\(name)\(suffix)") }
            try FileManager.default.copyItem(atPath: "\(it.folder.path)/\(name)", toPath: "\(data)/\(name)")
        }
        let report = try await Vestige.verify(it.folder.place)
        #expect(report.findings.map(\.kind) == [.size])
        #expect(report.findings.first?.message.contains("an older copy was put back") == true)
    }

    @Test("Witnesses are added and removed by entries; an unknown or doubled one is refused")
    func book() async throws {
        let it = try await Witnessed()
        let second = InMemoryWitness(name: "other.example/w2", signingKey: try SigningKey.generate())
        let other = try Witness(vkey: "\(second.key)", url: "http://127.0.0.1:8080")
        _ = try await it.vestige.addWitness(other, by: ana)
        #expect(await refusal { _ = try await it.vestige.addWitness(other, by: ana) }?.contains("is known already") == true)
        #expect(try await it.vestige.witnesses().map(\.witness.name) == ["witness.example/w1", "other.example/w2"])
        _ = try await it.vestige.removeWitness(named: "witness.example/w1", by: ana)
        #expect(try await it.vestige.witnesses().map(\.witness) == [other])
        #expect(await refusal { _ = try await it.vestige.removeWitness(named: "w9", by: ana) }?.contains("there is no witness w9") == true)
        _ = try await it.vestige.removeWitness(named: "other.example/w2", by: ana)
        #expect(await refusal { _ = try await it.vestige.submitToWitnesses(over: it.transport) }?.contains("nobody was asked") == true)
        try await it.vestige.close()
        let reopened = try await it.folder.open()
        #expect(try await reopened.witnesses().isEmpty)
        try await reopened.close()
    }

    @Test(
        "An address that is none is refused",
        arguments: [
            "", "ftp://a.example", "https://", "https://a b", "--output", "file:///etc/passwd", "https://ana:secret@a.example",
            "https://ana@a.example/w", "https://a.example/w?key=1", "https://a.example/w#top", "https://a.example:0",
            "https://a.example:65536",
            "https://a.example:-1", "https://a.example:x/w", "https://a.example:/w", "https://a.example\\@b.example",
        ])
    func addresses(url: String) throws {
        let key = WitnessKey(name: "w", publicKey: .random())
        #expect(throws: (any Error).self) { try Witness(vkey: "\(key)", url: url) }
        #expect(throws: (any Error).self) { try Witness(vkey: "nonsense", url: "https://a.example") }
    }

    @Test(
        "An address with a port or a path is taken as it stands",
        arguments: ["http://127.0.0.1:1", "https://a.example:65535/w/1", "http://[::1]:8080/w"])
    func plainAddresses(url: String) throws {
        let key = WitnessKey(name: "w", publicKey: .random())
        #expect(try Witness(vkey: "\(key)", url: url).url == url)
    }

    @Test("Only what a witness cosigned is published, if that is asked for, with its line")
    func publishes() async throws {
        let it = try await Witnessed()
        let tree = it.folder.path + "/tree"
        #expect(
            await refusal { _ = try await it.vestige.publish(to: tree, cosignedOnly: true) }?.contains("no witness has cosigned") == true)
        #expect(isCosigned(try await it.submit()))
        let cosigned = try await it.size
        try await it.record(3)
        #expect(try await it.vestige.publish(to: tree, cosignedOnly: true).size == cosigned)
        let note = try String(contentsOfFile: tree + "/checkpoint", encoding: .utf8)
        #expect(note.contains("\n— witness.example/w1 "))
        #expect(try await it.vestige.publish(to: tree).size == cosigned + 3)
        // More is there than any witness saw by now, and of this very trail: nothing is to be done, and nothing is wrong.
        let ahead = try await it.vestige.publish(to: tree, cosignedOnly: true)
        #expect(ahead.isAhead && ahead.written == 0 && ahead.size == cosigned + 3)
        #expect(isCosigned(try await it.submit()))
        // The same tree, cosigned since: only the checkpoint is written.
        let done = try await it.vestige.publish(to: tree)
        #expect(done.written == 1 && done.before == done.size)
        try await it.vestige.close()
    }
}
