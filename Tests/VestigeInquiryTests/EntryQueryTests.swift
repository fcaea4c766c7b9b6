import Testing
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail

@Suite("The text box")
struct EntryQueryTests {
    static func read(_ text: String) throws -> EntryFilter { try EntryFilter(query: text, by: try examplePolicy()) }

    @Test("Qualifiers and words are what the options would have been")
    func qualifiers() throws {
        let filter = try Self.read(
            "actor:user/7 event:read,exported  from:2026-05-01 purpose:support report \"annual \\\"fig\\\\ures\\\"\" actor_type:user")
        let same = try EntryFilter([
            ("actor", "user/7"), ("event", "read,exported"), ("from", "2026-05-01"), ("purpose", "support"), ("text", "report"),
            ("text", "annual \"fig\\ures\""), ("actor_type", "user"),
        ])
        #expect(filter == same)
    }

    @Test("A value in quotation marks may have spaces and colons")
    func quoted() throws {
        #expect(try Self.read("subject:\"user/4 2\"").subjects == [.record(type: "user", id: "4 2")])
        #expect(try Self.read("\"actor:user/7\"").texts == ["actor:user/7"])
        #expect(try Self.read("  ").pairs.isEmpty)
    }

    static let wrong: [(text: String, word: Int, character: Int, says: String)] = [
        ("event:read actr:user/7", 2, 12, "unknown filter \"actr\""),
        ("actr:user/7", 1, 1, "did you mean \"actor\""),
        ("event:", 1, 1, "event: has no value"),
        ("event:read  from:yesterday", 2, 13, "expected a date"),
        ("a b purpose:suport", 3, 5, "unknown purpose \"suport\""),
        ("event:raed", 1, 1, "unknown event"),
        ("status:done", 1, 1, "unknown status"),
        ("actor_type:robot", 1, 1, "unknown actor type"),
        ("actor:seven", 1, 1, "expected TYPE/ID"),
        ("say \"no end", 2, 5, "not closed"),
        ("te\"xt\"", 1, 1, "stands inside a word"),
        ("\"a\"b", 1, 1, "a space is missing"),
        ("\"a\\b\"", 1, 1, "may follow a backslash"),
        ("\"\"", 1, 1, "nothing between"),
        ("http://example.org", 1, 1, "unknown filter \"http\""),
        ("é event:raed", 2, 3, "unknown event"),
    ]

    @Test("What cannot be read is an error that names the word and its place", arguments: wrong.indices)
    func places(_ index: Int) throws {
        let (text, word, character, says) = Self.wrong[index]
        let error = #expect(throws: InquiryError.self) { try Self.read(text) }
        guard case .badQuery(word, character, let problem) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(problem.contains(says))
        #expect(error?.description.hasPrefix("word \(word), at character \(character): ") == true)
    }

    @Test(
        "No error repeats an id or a word that was searched for",
        arguments: ["actor:ana@example.org", "say \"ana@example.org", "ana@example.org:x"])
    func discreet(_ text: String) throws {
        let error = #expect(throws: InquiryError.self) { try Self.read(text) }
        #expect(error?.description.contains("ana@example") == false)
    }

    @Test("A text over 4 KiB is refused")
    func long() throws {
        #expect(throws: InquiryError.queryTooLong) { try Self.read(String(repeating: "a ", count: 2049)) }
    }

    @Test("The pairs of a filter are read back as the same filter")
    func pairs() throws {
        let filter = try Self.read(
            "actor:user/7 subject:@00112233445566778899aabbccddeeff record:hardware/9 channel:auth to:2026-05-31 x status:failure")
        #expect(try EntryFilter(filter.pairs) == filter)
    }
}
