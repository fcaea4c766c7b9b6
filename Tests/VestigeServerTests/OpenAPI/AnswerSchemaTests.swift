import Foundation
import Testing
import VestigeCrypto

@testable import VestigeInquiry
@testable import VestigeServer
@testable import VestigeTrail

/// The document closes its objects (`additionalProperties`): an answer with a member more would not be what it describes. Members that stand there
/// only after an erasure, a redaction or retention are in none of the other tests' answers.
@Suite("Answers with everything that they may have")
struct AnswerSchemaTests {
    private static let pruned = PrunedEntries(count: 3, before: Timestamp(microseconds: 1_780_000_000_000_000))

    private static func members(_ schema: String) throws -> Set<String> {
        let text = try #require(Schemas.all.first { $0.name == schema }?.schema)
        return Set((Array(text.utf8).object["properties"] as? [String: Any] ?? [:]).keys)
    }

    @Test("a page of entries has the members of its schema")
    func entryPage() throws {
        let page = EntryPage(
            entries: [], first: 0, total: 0, totalIsExact: true, cursor: EntryCursor(size: 3, before: 2, shown: 1, of: ""),
            facets: EntryFacets([], isComplete: true), redacted: 1, pruned: Self.pruned, since: nil)
        #expect(Set(EntryPageJSON.document(page).object.keys) == (try Self.members("EntryPage")))
    }

    @Test("an answer to who viewed has the members of its schema")
    func views() throws {
        let answer = ViewsAnswer(
            reference: .pseudonym(.random()), total: 0, totalIsExact: true, isErased: true, views: [], first: 0,
            cursor: EntryCursor(size: 3, before: 2, shown: 1, of: ""), redacted: 1, pruned: Self.pruned, since: nil)
        #expect(Set(ViewsJSON.document(answer).object.keys) == (try Self.members("Views")))
    }

    @Test("an answer to viewed by has the members of its schema")
    func reach() throws {
        let answer = ReachAnswer(
            reference: .pseudonym(.random()), isErased: true, total: 0, people: [], records: [], pruned: Self.pruned, since: nil)
        #expect(Set(ReachJSON.document(answer).object.keys) == (try Self.members("Reach")))
    }

    @Test("what retention took is told only where the time that was asked for reaches back to it")
    func later() throws {
        let answer = ReachAnswer(
            reference: .pseudonym(.random()), isErased: false, total: 0, people: [], records: [], pruned: Self.pruned,
            since: Timestamp(microseconds: 1_780_000_000_000_000))
        #expect(ReachJSON.document(answer).object["pruned_before"] == nil)
    }
}
