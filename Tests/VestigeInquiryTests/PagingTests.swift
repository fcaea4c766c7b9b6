import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@Suite("Pages")
struct PagingTests {
    private static func pages(_ text: String) throws -> EntryFilter { try EntryFilter(query: text, by: try examplePolicy()) }

    @Test("Pages and totals stay what they were while others record")
    func stable() async throws {
        let vestige = try await history()
        let filter = try Self.pages("channel:pii-read")
        var page = try await vestige.inquiry.entries(filter, limit: 10, asker: asker())
        #expect(page.summary == "1–10 of 32")
        var seqs = page.entries.map(\.seq)
        var summaries: [String] = []
        while let cursor = page.cursor {
            for minute in 0..<7 { _ = try await vestige.recorder.record(look(at: "43", minute: 100 + Int64(minute))) }
            page = try await vestige.inquiry.entries(filter, limit: 10, cursor: try EntryCursor(cursor.description), asker: asker())
            seqs += page.entries.map(\.seq)
            summaries.append(page.summary)
        }
        #expect(summaries == ["11–20 of 32", "21–30 of 32", "31–32 of 32"])
        #expect(seqs == (0..<32).reversed().map { UInt64($0) })
        // A new list sees them.
        #expect(try await vestige.inquiry.entries(filter, limit: 10, asker: asker()).total == 32 + 7 * 3)
    }

    @Test("A text search that reads no further than it may gives a cursor, and its pages find what is there")
    func boundedText() async throws {
        let vestige = try await history()
        _ = try await vestige.recorder.record(look(at: "44", minute: 300))
        for number in 0..<2_500 { _ = try await vestige.recorder.record(look(at: "43", minute: 301 + Int64(number % 60))) }
        let filter = try Self.pages("text:pii-read")
        let all = try await vestige.inquiry.entries(filter, limit: 10_000, asker: asker()).entries.map(\.seq)
        let nowhere = try Self.pages("text:nowhere-at-all")
        var page = try await vestige.inquiry.entries(nowhere, limit: 50, textPlaceCountMax: 1_000, asker: asker())
        var pages = 1
        while let cursor = page.cursor {
            #expect(page.entries.isEmpty && !page.totalIsExact)
            page = try await vestige.inquiry.entries(nowhere, limit: 50, cursor: cursor, textPlaceCountMax: 1_000, asker: asker())
            pages += 1
        }
        #expect(pages == 3 && page.totalIsExact)
        var found: [UInt64] = []
        page = try await vestige.inquiry.entries(filter, limit: 5_000, textPlaceCountMax: 1_000, asker: asker())
        found += page.entries.map(\.seq)
        while let cursor = page.cursor {
            page = try await vestige.inquiry.entries(filter, limit: 5_000, cursor: cursor, textPlaceCountMax: 1_000, asker: asker())
            found += page.entries.map(\.seq)
        }
        #expect(found == all && found.count > 2_500)
    }

    @Test("A cursor of one trail is none of another")
    func otherTrail() async throws {
        let vestige = try await history()
        let older = vestige.inquiry.asking(vestige.trail, number: 1)
        let filter = try Self.pages("channel:pii-read")
        let reference = try Reference("user/42")
        let first = try await vestige.inquiry.whoViewed(ViewsQuestion(reference, limit: 10), asker: asker()).cursor
        let next = ViewsQuestion(reference, limit: 10, cursor: first)
        let cursor = try #require(try await vestige.inquiry.entries(filter, limit: 10, asker: asker()).cursor)
        await #expect(throws: InquiryError.badCursor) { _ = try await older.entries(filter, limit: 10, cursor: cursor, asker: asker()) }
        await #expect(throws: InquiryError.badCursor) { _ = try await older.whoViewed(next, asker: asker()) }
    }

    @Test("Looks at a person are paged in the same way")
    func views() async throws {
        let vestige = try await history()
        var question = ViewsQuestion(try Reference("user/42"), limit: 10)
        let first = try await vestige.inquiry.whoViewed(question, asker: asker())
        _ = try await vestige.recorder.record(look(at: "42", minute: 200))
        question.cursor = first.cursor
        let second = try await vestige.inquiry.whoViewed(question, asker: asker())
        #expect([first.summary, second.summary] == ["1–10 of 22", "11–20 of 22"])
        #expect(Set(first.views.map(\.entry.seq)).isDisjoint(with: second.views.map(\.entry.seq)))
    }

    @Test(
        "A cursor that is none, or of a trail larger than any, is refused",
        arguments: ["", "AAAA", "x", "+///", String(repeating: "A", count: 44), "Af_______________________________wAAAAAAAAAA"])
    func foreign(_ text: String) async throws {
        #expect(throws: InquiryError.badCursor) { try EntryCursor(text) }
    }

    @Test("A cursor goes with the filter it was given for")
    func bound() async throws {
        let vestige = try await history()
        let cursor = try #require(
            try await vestige.inquiry.entries(try Self.pages("channel:pii-read"), limit: 5, asker: asker()).cursor)
        let other = try Self.pages("channel:auth")
        await #expect(throws: InquiryError.badCursor) {
            _ = try await vestige.inquiry.entries(other, limit: 5, cursor: cursor, asker: asker())
        }
        let altered = cursor.description.first == "B" ? "C" : "B"
        #expect(throws: InquiryError.badCursor) { try EntryCursor(altered + cursor.description.dropFirst()) }
    }

    @Test("More than 10,000 are 10,000+")
    func many() {
        #expect(EntryPage.summary(first: 1, count: 50, total: 142, isExact: true) == "1–50 of 142")
        #expect(EntryPage.summary(first: 9_951, count: 50, total: 10_000, isExact: false) == "9,951–10,000 of 10,000+")
        #expect(EntryPage.summary(first: 0, count: 0, total: 0, isExact: true) == "0")
        #expect(EntryPage.summary(first: 1_000_001, count: 1, total: 1_234_567, isExact: true) == "1,000,001–1,000,001 of 1,234,567")
    }

    @Test("Facets count what the filter matches, the most frequent first")
    func facets() async throws {
        let vestige = try await history()
        let page = try await vestige.inquiry.entries(try Self.pages("subject:user/42"), limit: 5, withFacets: true, asker: asker())
        #expect(page.facets?.channels == [.init(code: "pii-read", count: 22)])
        #expect(page.facets?.actions == [.init(code: "pii.read.user", count: 21), .init(code: "pii.read.hardware", count: 1)])
        #expect(page.facets?.isComplete == true)
        let all = try await vestige.inquiry.entries(EntryFilter(), limit: 5, withFacets: true, asker: asker())
        #expect(all.facets?.channels.map(\.count).reduce(0, +) == all.total)
        let worded = try await vestige.inquiry.entries(try Self.pages("serial"), limit: 5, withFacets: true, asker: asker())
        #expect(worded.facets == nil)
    }

    @Test("A question's own entry keeps its filters, with pseudonyms in place of ids and of texts only how many")
    func kept() async throws {
        let vestige = try await history()
        let filter = try Self.pages("subject:user/42 actor:user/7 event:read secretword from:2026-05-01")
        _ = try await vestige.inquiry.entries(filter, limit: 5, asker: asker())
        let last = try await vestige.inquiry.entries(try Self.pages("action:audit.searched"), limit: 1, asker: asker()).entries[0]
        let page = try #require(last.page)
        // Both may be the same person: their two pseudonyms do not meet.
        #expect(page.hasPrefix("event:read from:2026-05-01T00:00:00.000000Z actor:given subject:@"))
        #expect(page.hasSuffix(" text:1"))
        #expect(!page.contains("user/42") && !page.contains("secretword"))
    }

    @Test("Filters by actor type are answered by the index", arguments: [("user", 32), ("system", 0), ("user,system", 32)])
    func actorTypes(_ types: String, _ count: Int) async throws {
        let vestige = try await history()
        let page = try await vestige.inquiry.entries(try Self.pages("channel:pii-read actor_type:\(types)"), limit: 100, asker: asker())
        #expect(page.entries.count == count && page.total == count)
    }
}
