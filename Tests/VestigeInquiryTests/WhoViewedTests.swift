import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Who viewed this record?")
struct WhoViewedTests {
    @Test("Every look that has the person among its subjects, newest first, refused ones too")
    func all() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker())
        #expect(answer.total == 22)
        #expect(answer.totalIsExact)
        #expect(answer.views.map(\.entry.seq) == answer.views.map(\.entry.seq).sorted(by: >))
        #expect(answer.views.map { $0.entry.header?.status }.filter { $0 == .failure }.count == 1)
        #expect(answer.views.filter { !$0.isDirect }.map(\.entry.page) == ["/hardware/142"])
        #expect(answer.views.last?.entry.actor?.name == "Name of 7")
    }

    @Test("A record that is nobody gives its own entries")
    func hardware() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "hardware", id: "142")), asker: asker())
        #expect(answer.total == 1)
        #expect(answer.views.first?.entry.header?.record?.id == "142")
    }

    @Test("Pages follow each other without a gap or a repeat while others look")
    func pages() async throws {
        let vestige = try await history()
        var question = ViewsQuestion(.record(type: "user", id: "42"), limit: 5)
        let first = try await vestige.inquiry.whoViewed(question, asker: asker())
        var seqs = first.views.map(\.entry.seq)
        question.cursor = first.cursor
        while question.cursor != nil {
            _ = try await vestige.recorder.record(look(at: "42"))
            let page = try await vestige.inquiry.whoViewed(question, asker: asker())
            seqs += page.views.map(\.entry.seq)
            question.cursor = page.cursor
        }
        #expect(seqs.count == 22)
        #expect(Set(seqs).count == 22)
    }

    @Test("Times bound it: from a moment on, and before one")
    func times() async throws {
        let vestige = try await history()
        let question = ViewsQuestion(
            .record(type: "user", id: "42"), since: start.adding(microseconds: 5 * 60_000_000),
            until: start.adding(microseconds: 10 * 60_000_000))
        let answer = try await vestige.inquiry.whoViewed(question, asker: asker())
        #expect(answer.total == 5)
    }

    @Test("Somebody unknown has no views, and asking makes nobody known")
    func unknown() async throws {
        let vestige = try await history()
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "4711")), asker: asker())
        #expect(answer.total == 0)
        #expect(!answer.isErased)
        #expect(try await vestige.vault.standing(of: person("4711"), as: .subject) == .unknown)
    }

    @Test("The question is an entry of its own, shown only on request")
    func recorded() async throws {
        let vestige = try await history()
        var question = ViewsQuestion(.record(type: "user", id: "42"))
        _ = try await vestige.inquiry.whoViewed(question, asker: asker())
        #expect(try await vestige.inquiry.whoViewed(question, asker: asker()).total == 22)
        question.withAudit = true
        let answer = try await vestige.inquiry.whoViewed(question, asker: asker())
        #expect(answer.total == 24)
        #expect(answer.views.first?.entry.header?.action == "audit.who_viewed")
        #expect(answer.views.first?.entry.header?.purpose == "audit")
    }

    @Test("What somebody types as an id never stands in a header")
    func typed() async throws {
        let vestige = try await history()
        for id in ["ana.lima@example.org", "ana-lima", "999000999000"] {
            _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "hardware", id: id)), asker: asker())
            _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: id)), asker: asker())
            let size = try await vestige.trail.checkpoint().size
            for entry in try await vestige.trail.entries([size - 2, size - 1]) {
                #expect(!String(decoding: try #require(entry.body).header, as: UTF8.self).contains(id))
            }
        }
    }

    @Test("Without a purpose, or with one that nobody declared, nothing is answered")
    func purposes() async throws {
        let vestige = try await history()
        let size = try await vestige.trail.checkpoint().size
        for purpose in ["", "curiosity"] {
            let asking = Asker(actor: asker().actor, purpose: purpose, rights: asker().rights)
            await #expect(throws: InquiryError.self) {
                _ = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asking)
            }
        }
        #expect(try await vestige.trail.checkpoint().size == size)
    }

    @Test("Each right opens what it names and no more")
    func rights() async throws {
        let vestige = try await history()
        let question = ViewsQuestion(.record(type: "user", id: "42"))
        await #expect(throws: InquiryError.missingRight("query")) {
            _ = try await vestige.inquiry.whoViewed(question, asker: asker([.openActors]))
        }
        let bare = try await vestige.inquiry.whoViewed(question, asker: asker([.query])).views
        #expect(bare.allSatisfy { $0.entry.actor?.name == nil && $0.entry.page == nil })
        let actors = try await vestige.inquiry.whoViewed(question, asker: asker([.query, .openActors])).views
        #expect(actors.allSatisfy { $0.entry.actor?.name != nil && $0.entry.page == nil })
    }

    @Test("A look at oneself is opened only for those who may open subjects: it says who the pseudonym is")
    func oneself() async throws {
        let vestige = try await history()
        _ = try await vestige.recorder.record(look(at: "44", by: "44"))
        let question = ViewsQuestion(.record(type: "user", id: "44"))
        #expect(try await vestige.inquiry.whoViewed(question, asker: asker([.query, .openActors])).views.first?.entry.actor?.id == nil)
        #expect(try await vestige.inquiry.whoViewed(question, asker: asker()).views.first?.entry.actor?.id == "44")
    }

    @Test("Where the policy shows actors by pseudonym, no right opens their names")
    func worksCouncil() async throws {
        let vestige = try await history(examplePolicy(replacing: "show: name", with: "show: pseudonym"))
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker())
        #expect(answer.views.allSatisfy { $0.entry.actor?.name == nil && $0.entry.actor?.pseudonym != nil })
    }

    @Test("One damaged slot does not hide the rest of the page")
    func damagedSlot() async throws {
        let vestige = try await history()
        vestige.trailStore.mutate { contents in
            guard let body = contents.bodies[3] else { return }
            var payload = body.payload
            payload[60] ^= 1
            contents.bodies[3] = StoredEntry.Body(
                headerSalt: body.headerSalt, header: body.header, payloadSalt: body.payloadSalt, payload: payload)
        }
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker())
        #expect(answer.views.count == 22)
        #expect(answer.views.filter(\.entry.isUnreadable).map(\.entry.seq) == [3])
        #expect(try await vestige.trail.verify().findings.map(\.kind) == [.payload])
    }
}
