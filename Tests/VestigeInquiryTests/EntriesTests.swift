import Synchronization
import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@Suite("Entries")
struct EntriesTests {
    static let filters: [(filters: [(String, String)], count: Int)] = [
        ([], 32),
        ([("subject", "user/42")], 22),
        ([("subject", "user/42"), ("subject", "user/43")], 32),
        ([("record", "user/42")], 21),
        ([("record", "hardware/142")], 1),
        ([("actor", "user/8")], 10),
        ([("actor", "user/8"), ("subject", "user/43")], 0),
        ([("actor", "user/4711")], 0),
        ([("status", "failure")], 1),
        ([("purpose", "payroll")], 10),
        ([("purpose", "payroll,support")], 32),
        ([("event", "updated")], 0),
        ([("channel", "pii-read")], 32),
        ([("action", "pii.read.hardware")], 1),
        ([("text", "SERIAL")], 1),
        ([("text", "hardware"), ("subject", "user/42")], 1),
        ([("from", "2026-05-28T20:46:40Z"), ("to", "2026-05-28T20:56:40.000000Z")], 10),
    ]

    @Test("are found by every filter, the same in a list and in an export", arguments: filters.indices)
    func filtered(_ place: Int) async throws {
        let (pairs, count) = Self.filters[place]
        let vestige = try await history()
        let filter = try EntryFilter(pairs.map { (name: $0.0, value: $0.1) })
        let page = try await vestige.inquiry.entries(filter, limit: 1000, asker: asker())
        #expect(page.entries.count == count)
        #expect(page.total == count)
        let exported = Mutex(0)
        let done = try await vestige.inquiry.export(filter, format: .ndjson, limit: nil, asker: asker()) { batch in
            exported.withLock { $0 += batch.count }
        }
        // Without a filter, or with one person to filter by, the list's own question is one entry more.
        let findsQuestion = pairs.isEmpty || (pairs.count == 1 && pairs[0] == ("subject", "user/42"))
        #expect(done.count == count + (findsQuestion ? 1 : 0))
        #expect(exported.withLock { $0 } == done.count)
        #expect(done.total == done.count)
    }

    @Test("An unknown filter is an error that names it and what was meant", arguments: [("actr", "actor"), ("chanel", "channel")])
    func unknown(_ name: String, _ meant: String) throws {
        #expect(throws: InquiryError.unknownFilter(name: name, hint: meant)) { try EntryFilter([(name: name, value: "x")]) }
    }

    @Test("A filter with an undeclared code is refused, not answered with nothing", arguments: ["channel", "purpose", "event", "status"])
    func undeclared(_ name: String) async throws {
        let vestige = try await history()
        let filter = try EntryFilter([(name: name, value: "nosuch")])
        await #expect(throws: InquiryError.self) { _ = try await vestige.inquiry.entries(filter, limit: 10, asker: asker()) }
    }

    @Test("Pages of a text search and of an index search follow each other without a gap", arguments: ["support", ""])
    func paging(_ text: String) async throws {
        let vestige = try await history()
        var filter = EntryFilter()
        filter.texts = text.isEmpty ? [] : [text]
        filter.channels = ["pii-read"]
        var seqs: [UInt64] = []
        var cursor: EntryCursor?
        repeat {
            let page = try await vestige.inquiry.entries(filter, limit: 4, cursor: cursor, asker: asker())
            seqs += page.entries.map(\.seq)
            cursor = page.cursor
        } while cursor != nil
        #expect(seqs == seqs.sorted(by: >))
        #expect(Set(seqs).count == seqs.count)
        #expect(seqs.count == (text.isEmpty ? 32 : 22))
    }

    @Test("An export is an entry with the event exported, and does not hold itself")
    func export() async throws {
        let vestige = try await history()
        var filter = EntryFilter()
        filter.channels = ["compliance"]
        let done = try await vestige.inquiry.export(filter, format: .csv, limit: nil, asker: asker()) { _ in }
        #expect(done.count == 0)
        let page = try await vestige.inquiry.entries(filter, limit: 10, asker: asker())
        #expect(page.entries.first?.header?.action == "audit.exported")
        #expect(page.entries.first?.header?.event == "exported")
        #expect(page.entries.first?.header?.details["format"] == .code("csv"))
    }

    @Test("References are TYPE/ID with any id, or a pseudonym")
    func references() throws {
        #expect(try Reference("user/a/b") == .record(type: "user", id: "a/b"))
        for bad in ["user", "/42", "user/", "@12", "@" + String(repeating: "A", count: 32)] {
            #expect(throws: InquiryError.self) { try Reference(bad) }
        }
    }
}
