import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("A redaction")
struct RedactionTests {
    private func look(at id: String) -> Entry {
        Entry(
            id: .make(at: Timestamp(microseconds: 1_780_000_000_000_000)), event: "read",
            actor: AuditActor(.user, id: "7", name: "Ana Lima"), record: RecordReference(type: "hardware", id: id), subjects: [],
            purpose: "support", page: "/hardware/\(id)")
    }

    private func order(_ seqs: UInt64...) -> RedactionOrder {
        RedactionOrder(seqs, caseReference: "R-1", purpose: "audit", actor: officer)
    }

    /// Three looks, of which the second has a name in its header.
    private func filled() async throws -> (vestige: InMemoryVestige, entries: [Entry]) {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let entries = [look(at: "142"), look(at: "anna-needle"), look(at: "143")]
        for entry in entries { _ = try await vestige.recorder.record(entry) }
        return (vestige, entries)
    }

    private func hasNeedle(_ vestige: InMemoryVestige) -> Bool {
        vestige.trailStore.snapshot.bodies.values.contains { String(decoding: $0.header, as: UTF8.self).contains("needle") }
    }

    @Test("leaves the leaf, its proof and an entry that names it, and nothing else; lists say that it was redacted")
    func redacted() async throws {
        let (vestige, _) = try await filled()
        let leaf = try await vestige.trail.entries([1])[0].leaf
        #expect(hasNeedle(vestige))
        let done = try await vestige.rights.redact(order(1))
        #expect(done.seqs == [1] && done.isWiped && done.receipt.seq == 3)
        let proof = try await vestige.trail.proof(of: 1)
        #expect(proof.entry.leaf == leaf && proof.entry.body == nil && proof.entry.redactedBy == done.receipt.id.bytes)
        #expect(!hasNeedle(vestige))

        let entry = try #require(try await vestige.opened().last)
        let header = try #require(entry.header)
        #expect(header.action == "retention.redacted" && header.event == "redacted" && header.details == ["entries": .integer(1)])
        #expect(entry.caseReference == "R-1" && header.subjects.isEmpty)
        #expect(try await vestige.trail.redactions().map(\.seqs) == [[1]])

        let page = try await vestige.inquiry.entries(EntryFilter(), limit: 10, asker: asker)
        #expect(page.entries.map(\.seq) == [3, 2, 1, 0] && page.total == 4 && page.redacted == 1)
        #expect(page.entries[2].isRedacted && page.entries[2].header == nil)
        #expect(String(decoding: EntryJSON.line(page.entries[2]), as: UTF8.self).hasSuffix(#","redacted":true}"#))
        let asked = ViewsQuestion(.record(type: "hardware", id: "anna-needle"))
        let answer = try await vestige.inquiry.whoViewed(asked, asker: asker)
        #expect(answer.total == 0 && answer.redacted == 1)
        let report = try await vestige.trail.verify()
        #expect(report.verdict == .intact && report.redacted == 1)
    }

    @Test("keeps the id: the same entry is recognised by it alone, whatever else it says")
    func sameID() async throws {
        let (vestige, entries) = try await filled()
        _ = try await vestige.rights.redact(order(1))
        var again = entries[1]
        again.purpose = "inventory"
        again.fields = ["serial"]
        #expect(try await vestige.recorder.record(again).seq == 1)
        #expect(try await vestige.trail.checkpoint().size == 4)
        // The others are compared as ever.
        var other = entries[2]
        other.purpose = "inventory"
        await #expect(throws: RecordingError.self) { try await vestige.recorder.record(other) }
    }

    @Test("is refused whole for what Vestige itself wrote, by name, and for what is unknown, gone or not what was recorded")
    func refused() async throws {
        let (vestige, _) = try await filled()
        _ = try await vestige.recorder.record(look(at: "144"))
        _ = try await vestige.rights.hold(holdOrder("142", type: "hardware"))
        await #expect(throws: RightsError.heldEntry(seq: 0)) { try await vestige.rights.redact(order(0, 1)) }
        await #expect(throws: RightsError.heldEntry(seq: 4)) { try await vestige.rights.redact(order(1, 4)) }
        _ = try await vestige.rights.release(releaseOrder("142", type: "hardware"))
        let size = try await vestige.trail.checkpoint().size
        await #expect(throws: RightsError.builtInEntry(seq: 4, action: "erasure.held")) { try await vestige.rights.redact(order(1, 4)) }
        #expect(RightsError.builtInEntry(seq: 4, action: "erasure.held").description.contains("entry 4 is erasure.held"))
        await #expect(throws: RightsError.unknownEntries([77, 99])) { try await vestige.rights.redact(order(1, 99, 77)) }
        await #expect(throws: RightsError.nothingToRedact) { try await vestige.rights.redact(order()) }
        let many = RedactionOrder(Array(0...1000), caseReference: "R-1", purpose: "audit", actor: officer)
        await #expect(throws: RightsError.tooManyToRedact(count: 1001)) { try await vestige.rights.redact(many) }
        let noCase = RedactionOrder([1], caseReference: "", purpose: "audit", actor: officer)
        await #expect(throws: RightsError.missingCase) { try await vestige.rights.redact(noCase) }
        vestige.trailStore.mutate { contents in
            guard let old = contents.bodies[2] else { return }
            contents.bodies[2] = StoredEntry.Body(
                headerSalt: old.headerSalt, header: old.header, payloadSalt: old.payloadSalt, payload: old.payload + [0])
        }
        await #expect(throws: TrailError.self) { try await vestige.rights.redact(order(2)) }
        #expect(try await vestige.trail.checkpoint().size == size)
        #expect(vestige.trailStore.snapshot.bodies.count == Int(size))
        _ = try await vestige.rights.redact(order(1))
        await #expect(throws: RightsError.bodiesGone([1])) { try await vestige.rights.redact(order(0, 1)) }
        #expect(try await vestige.trail.entries([0])[0].body != nil)
    }

    @Test("of a question to the trail is allowed: what was asked for stands in it too")
    func question() async throws {
        let (vestige, _) = try await filled()
        _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "hardware", id: "anna-needle")), asker: asker)
        _ = try await vestige.rights.redact(order(1, 3))
        #expect(!hasNeedle(vestige))
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("that a crash cut short after its entry is a finding, and is finished by the next start or by asking again")
    func crashed() async throws {
        let (vestige, _) = try await filled()
        for seq: UInt64 in [1, 2] {
            var entry = BuiltInEntry(action: "retention.redacted", event: "redacted", actor: officer, purpose: "audit")
            entry.clear = [Redaction.encode([seq])]
            _ = try await vestige.recorder.record(entry)
        }
        let report = try await vestige.trail.verify()
        #expect(report.findings.map(\.kind) == [.redaction, .redaction] && report.findings.map(\.seq) == [1, 2])
        #expect(report.findings.first?.message.contains("entry 3 redacts it, and its body is still there") == true)
        #expect(try await vestige.rights.finishRedactions() == 2)
        #expect(try await vestige.rights.finishRedactions() == 0)
        #expect(try await vestige.trail.verify().redacted == 2)
        #expect(try await vestige.trail.verify().verdict == .intact)
        await #expect(throws: RightsError.bodiesGone([2])) { try await vestige.rights.redact(order(0, 2)) }
    }
}
