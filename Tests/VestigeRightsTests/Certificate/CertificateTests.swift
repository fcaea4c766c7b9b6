import Testing
import VestigeCore
import VestigeCrypto
import VestigeDesk
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeRights

/// `user/42` and `user/43` looked at by `user/7`, who was looked at by `user/8`.
func busyVestige(clock: TestClock = TestClock()) async throws -> InMemoryVestige {
    let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
    for (actor, id) in [("7", "42"), ("7", "42"), ("7", "43"), ("8", "7"), ("8", "42")] {
        _ = try await vestige.recorder.record(
            Entry(
                event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"),
                record: RecordReference(type: "user", id: id), fields: ["email"], purpose: "support", page: "/people/\(id)"))
    }
    return vestige
}

extension InMemoryVestige {
    func certificates(_ question: CertificateQuestion, withHeader: Bool = false) async throws -> [Certificate] {
        try await rights.certificates(question, withHeader: withHeader, by: officer, purpose: "audit").certificates
    }
}

@Suite("A certificate")
struct CertificateTests {
    @Test("says what was destroyed, when, what stays and until when, and its hash stands in the entry")
    func facts() async throws {
        let vestige = try await busyVestige()
        _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        let erasure = try await vestige.rights.erase(order("42", .subject))
        let certificate = try #require(erasure.certificate)
        let facts = certificate.facts
        #expect(facts.caseReference == "2026-117" && facts.erasure == erasure.id && facts.origin == vestige.trail.origin)
        #expect([facts.askedBy, facts.finishedBy] == ["user", "user"] && !facts.isResumed)
        #expect(facts.keys == [CertificateFacts.Key(role: .subject, kek: 1)])
        #expect(facts.started.seq == erasure.startedSeq && certificate.entry.seq == erasure.completedSeq)
        #expect(facts.moments.map(\.name) == ["asked_at", "started_at", "destroyed_at", "forgotten_at", "probed_at"])
        // Three looks, the question about them and erasure.started.
        #expect(facts.entries.map(\.total) == [5])
        #expect(
            facts.entries[0].channels.map(\.channel) == ["compliance", "pii-read"] && facts.entries[0].channels.map(\.count) == [2, 3])
        let day = Int(facts.probedAt.day)
        #expect(facts.retained.map(\.kind) == [.record, .entries, .entries, .fence, .caseFile])
        #expect(facts.retained.map(\.count) == [1, 1, 3, nil, nil])
        #expect(facts.retained.map(\.until) == [nil, day + 365, day + 365, erasure.fenceUntil, day + 1096])
        #expect(facts.retained.allSatisfy { $0.because != nil })
        #expect(facts.backups == .init(vaultDays: 35, vaultUntil: day + 35, keyringDays: 35, keyringUntil: day + 35))
        #expect(try CertificateFacts(decoding: certificate.body) == facts)

        let stored = try #require(try await vestige.trail.entries([erasure.completedSeq]).first?.body)
        #expect(CertificateMark(in: try Payload(decoding: stored.payload))?.hash == sha256(certificate.body))
        #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).verdict == .intact)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("counts no more entries than was ordered, and says that there are more")
    func bounded() async throws {
        let vestige = try await busyVestige()
        for _ in 0..<30 {
            _ = try await vestige.recorder.record(
                Entry(
                    event: "read", actor: AuditActor(.user, id: "7"), record: RecordReference(type: "user", id: "42"), purpose: "support"))
        }
        var order = try order("42", .subject)
        order.countsUpTo = 10
        let count = try #require(try await vestige.rights.erase(order).certificate?.facts.entries.first)
        #expect(count.total == 11 && count.isMore && count.channels.map(\.count) == [1, 10])
        #expect(
            try await vestige.rights.erase(try VestigeRightsTests.order("43", .subject)).certificate?.facts.entries.first?.isMore == false)
        let certificate = try #require(try await vestige.certificates(.all).first)
        #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).findings == [])
    }

    @Test("is given again with the same body and a newer proof, and the question is an entry")
    func again() async throws {
        let vestige = try await busyVestige()
        let first = try #require(try await vestige.rights.erase(order("42", .subject)).certificate)
        _ = try await vestige.rights.erase(order("43", .subject))
        for question in [CertificateQuestion.erasure(first.facts.erasure), .caseReference("2026-117"), .all] {
            let again = try await vestige.certificates(question)
            let same = try #require(again.first { $0.facts.erasure == first.facts.erasure })
            #expect(same.body == first.body && same.entry.text != first.entry.text)
            #expect(again.count == (question == .erasure(first.facts.erasure) ? 1 : 2))
            for certificate in again {
                #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).findings == [])
            }
            let asked = try #require(try await vestige.opened(withQuestions: true).last)
            #expect(asked.header?.action == "audit.certificate" && asked.header?.purpose == "audit")
            #expect(asked.caseReference == (question == .caseReference("2026-117") ? "2026-117" : nil))
        }
        #expect(try await vestige.certificates(.caseReference("2026-118")).isEmpty)
        await #expect(throws: RightsError.self) { try await vestige.rights.certificates(.all, by: officer, purpose: "curiosity") }
    }

    @Test("with the header, for an auditor, verifies too")
    func header() async throws {
        let vestige = try await busyVestige()
        let erasure = try await vestige.rights.erase(order("42", .subject))
        let certificate = try #require(try await vestige.certificates(.erasure(erasure.id), withHeader: true).first)
        #expect(certificate.entry.header != nil)
        #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).verdict == .intact)
    }

    @Test("of staff says until when the acting key waits; on its day there is a second one for the same case")
    func deferred() async throws {
        let clock = TestClock()
        let vestige = try await busyVestige(clock: clock)
        let erasure = try await vestige.rights.erase(order("7"))
        let facts = try #require(erasure.certificate).facts
        let day = try #require(erasure.deferredUntil)
        #expect(facts.deferral?.until == day && facts.deferral?.because == erasure.deferredBecause && facts.roles == [.subject])
        clock.advance(days: day - clock.today)
        #expect(try await vestige.rights.destroyDueKeys().dueKeys == 1)
        let both = try await vestige.certificates(.caseReference("2026-117"))
        #expect(both.count == 2)
        let late = try #require(both.first { $0.facts.erasure != erasure.id })
        #expect(late.facts.roles == [.acting] && late.facts.dueDay == day && late.facts.keys.first?.kek == 1)
        #expect(late.facts.askedAt == facts.askedAt && late.facts.askedBy == "user" && late.facts.finishedBy == "system")
        // Three looks and erasure.started of the acting key.
        #expect(late.facts.entries.map(\.total) == [4])
        #expect(Certificate.check(late.json(), by: vestige.trail.verifierKey).verdict == .intact)
        #expect(try await vestige.deskStore.list(ErasureFiles.deferrals, after: nil, limit: 10).isEmpty)
    }

    @Test("of staff who only ever acted comes on the day their key goes")
    func onlyActing() async throws {
        let clock = TestClock()
        let vestige = try await busyVestige(clock: clock)
        await #expect(throws: RightsError.self) { try await vestige.rights.erase(order("8")) }
        #expect(try await vestige.certificates(.caseReference("2026-117")).isEmpty)
        clock.advance(days: 366)
        _ = try await vestige.rights.destroyDueKeys()
        #expect(try await vestige.certificates(.caseReference("2026-117")).map(\.facts.roles) == [[.acting]])
    }

    @Test("of both keys at once counts each pseudonym's entries")
    func both() async throws {
        let policy = String(decoding: Array(try examplePolicy().text.utf8), as: UTF8.self).replacing("staff: [user]", with: "staff: []")
        let vestige = try await InMemoryVestige(policy: try Policy.parse(Array(policy.utf8), file: "no staff"))
        for (actor, id) in [("7", "42"), ("42", "43")] {
            _ = try await vestige.recorder.record(
                Entry(
                    event: "read", actor: AuditActor(.user, id: actor), record: RecordReference(type: "user", id: id), purpose: "support"))
        }
        let certificate = try #require(try await vestige.rights.erase(order("42")).certificate)
        #expect(certificate.facts.roles == [.subject, .acting] && certificate.facts.entries.map(\.total) == [2, 2])
        #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).verdict == .intact)
    }

    @Test("never holds the person's id or a pseudonym of theirs, however it is written", arguments: 0..<6)
    func namesNobody(seed: Int) async throws {
        let vestige = try await busyVestige()
        let id = "id-Mark\(seed)x"
        for (actor, record) in [("7", id), (id, "42")] {
            _ = try await vestige.recorder.record(
                Entry(
                    event: "read", actor: AuditActor(.user, id: actor, name: id), record: RecordReference(type: "user", id: record),
                    purpose: "support", caseReference: id))
        }
        var pseudonyms: [Bytes16] = []
        for role in [KeyRole.subject, .acting] {
            guard case .active(let pseudonym) = try await vestige.vault.standing(of: person(id), as: role) else { continue }
            pseudonyms.append(pseudonym)
        }
        #expect(pseudonyms.count == 2)
        for role in [ErasureRole.subject, .acting] {
            let certificate = try #require(try await vestige.rights.erase(order(id, role)).certificate)
            let text = String(decoding: certificate.json(), as: UTF8.self)
            // What stands in base64 is searched too.
            let parts = [certificate.body, certificate.entry.leaf, try #require(certificate.entry.payload)]
            for haystack in [Array(text.utf8)] + parts {
                for pseudonym in pseudonyms {
                    for needle in [pseudonym.bytes, Array(pseudonym.hex.utf8), Array(pseudonym.hex.uppercased().utf8)]
                        + [Array(UUIDText.write(pseudonym).utf8), Array(Base64.encode(pseudonym.bytes).dropLast(2).utf8)]
                    {
                        #expect(!haystack.contains(needle))
                    }
                }
                #expect(!haystack.contains(Array(id.utf8)))
            }
        }
        // Nor does what is kept.
        for document in await vestige.deskStore.list(ErasureFiles.collection, after: nil, limit: 10) {
            for pseudonym in pseudonyms { #expect(!document.content.contains(pseudonym.bytes)) }
            #expect(!document.content.contains(Array("2026-117".utf8)))
        }
    }

    @Test("ends with its case file, whose key is destroyed on its day, and a replay of that holds")
    func ends() async throws {
        let clock = TestClock()
        let vestige = try await busyVestige(clock: clock)
        let erasure = try await vestige.rights.erase(order("42", .subject))
        clock.advance(days: 1095)
        #expect(try await vestige.rights.destroyDueKeys() == Duties())
        #expect(try await vestige.certificates(.erasure(erasure.id)).count == 1)
        clock.advance(days: 1)
        var ended = Duties()
        ended.filesEnded = 1
        #expect(try await vestige.rights.destroyDueKeys() == ended)
        #expect(try await vestige.certificates(.all).isEmpty)
        #expect(try await vestige.deskStore.list(ErasureFiles.collection, after: nil, limit: 10).isEmpty)
        let last = try await vestige.recorded().suffix(2)
        #expect(last.map(\.action) == ["erasure.started", "erasure.completed"])
        #expect(last.allSatisfy { $0.details["role"] == .code("case") })
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
        #expect(try await vestige.rights.destroyDueKeys() == Duties())
    }

    @Test("is not made by a replay, which says that it is one")
    func replayed() async throws {
        let vestige = try await busyVestige()
        guard case .active(let pseudonym) = try await vestige.vault.standing(of: person("42"), as: .subject) else {
            return #expect(Bool(false), "nobody is known")
        }
        var started = BuiltInEntry(action: "erasure.started", event: "erased", actor: .system("vestige"))
        started.subjects = [pseudonym]
        started.details = ["erasure": .code(EntryID.make(at: Timestamp(microseconds: 1)).description), "role": .code("subject")]
        _ = try await vestige.recorder.record(started)
        try await vestige.rights.replay()
        #expect(try await vestige.recorded().last?.details["replayed"] == .boolean(true))
        #expect(try await vestige.certificates(.all).isEmpty)
    }

    @Test("that the trail contradicts, or whose file cannot be read, is not given but counted")
    func unreadable() async throws {
        let vestige = try await busyVestige()
        let erasure = try await vestige.rights.erase(order("42", .subject))
        let files = vestige.rights.files
        let kept = try #require(try await files.find(erasure.id).file?.body)
        var facts = try CertificateFacts(decoding: kept)
        facts.caseReference = "another"
        try await files.update(erasure.id, keptUntil: 1) { [facts] file in
            var file = try #require(file)
            file.body = facts.encoded()
            return file
        }
        func counted() async throws -> [Int] {
            let kept = try await vestige.rights.certificates(.erasure(erasure.id), by: officer, purpose: "audit")
            return [kept.certificates.count, kept.unreadable]
        }
        #expect(try await counted() == [0, 1])
        let place = DeskPlace(ErasureFiles.collection, UUIDText.write(erasure.id))
        let version = await vestige.deskStore.get(place)?.version
        try await vestige.deskStore.put([1, 4, 0], at: place, replacing: version)
        #expect(try await counted() == [0, 1])
    }

    @Test("leaves no key and no file behind where nothing was erased")
    func refused() async throws {
        let vestige = try await busyVestige()
        _ = try await vestige.rights.hold(
            HoldOrder(.named(type: "user", id: "42"), caseReference: "L-1", purpose: "audit", actor: officer))
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42", .subject)) }
        await #expect(throws: RightsError.unknownPerson) { try await vestige.rights.erase(order("99", .subject)) }
        #expect(try await vestige.deskStore.list(ErasureFiles.collection, after: nil, limit: 10).isEmpty)
        #expect(try await vestige.vault.dueErasures(on: 1_000_000).isEmpty)
    }
}

extension InMemoryVestige {
    func opened(withQuestions: Bool) async throws -> [OpenedEntry] {
        try await inquiry.open(try await trail.page(IndexQuery(limit: IndexQuery.limitMax)).reversed())
    }
}

extension [UInt8] {
    func contains(_ needle: [UInt8]) -> Bool {
        guard let first = needle.first, count >= needle.count else { return false }
        return (0...(count - needle.count)).contains { self[$0] == first && self[$0..<($0 + needle.count)].elementsEqual(needle) }
    }
}
