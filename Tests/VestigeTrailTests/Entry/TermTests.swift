import Testing
import VestigeCrypto
import VestigeTrail

@Suite("Ways into an entry")
struct TermTests {
    private let ana = Bytes16([UInt8](repeating: 1, count: 16)) ?? .zero
    private let ben = Bytes16([UInt8](repeating: 2, count: 16)) ?? .zero
    private let staff = Bytes16([UInt8](repeating: 3, count: 16)) ?? .zero

    private func header(_ event: String, _ action: String, _ actor: ActorReference.Identity) -> Header {
        Header(
            id: EntryID.make(at: Timestamp(microseconds: 1)), occurredAt: Timestamp(microseconds: 1), channel: "people", event: event,
            action: action, actor: ActorReference(type: "user", identity: actor), record: RecordHandle(type: "hardware", id: "142"),
            subjects: [ben, ana, ben])
    }

    @Test("Looks, other acts and questions list people under kinds of their own", arguments: ["read", "exported", "shared"])
    func kinds(look: String) throws {
        let record = try #require(Term.record(RecordHandle(type: "hardware", id: "142")))
        #expect(
            Term.all(of: header(look, "x.y", .pseudonym(staff))) == [
                Term(.lookedAt, ana), Term(.lookedAt, ben), Term(.actor, staff), record,
            ])
        #expect(Term.all(of: header("updated", "x.y", .oneself)) == [Term(.concerned, ana), Term(.concerned, ben), record])
        let asked = try #require(Term.record(RecordHandle(type: "hardware", id: "142"), asked: true))
        #expect(Term.all(of: header(look, "audit.asked", .none)) == [Term(.subjectAsked, ana), Term(.subjectAsked, ben), asked])
    }

    @Test("A record's term is the first 16 bytes of SHA-256 over type, 0 and id or handle")
    func record() {
        let name = Array("hardware".utf8) + [0] + Array("142".utf8)
        let expected = Bytes16(sha256(name).bytes[..<16]).map { Term(.record, $0) }
        #expect(Term.record(RecordHandle(type: "hardware", id: "142")) == expected)
        let byHandle = Bytes16(sha256(Array("user".utf8) + [0] + ana.bytes).bytes[..<16]).map { Term(.record, $0) }
        #expect(Term.record(RecordHandle(type: "user", handle: ana)) == byHandle)
        #expect(Term.record(RecordHandle(type: "user")) == nil)
    }

    @Test("A term's 17 bytes come back; other bytes are refused")
    func bytes() {
        for kind in Term.Kind.allCases {
            let term = Term(kind, ana)
            #expect(term.bytes.count == 17 && term.bytes[0] == kind.rawValue)
            #expect(Term(decoding: term.bytes) == term)
        }
        #expect(Term(decoding: [0] + ana.bytes) == nil)
        #expect(Term(decoding: [7] + ana.bytes) == nil)
        #expect(Term(decoding: [1] + ana.bytes[1...]) == nil)
        #expect(Term(decoding: [1] + ana.bytes + [0]) == nil)
    }

    @Test("Terms are in the order of their bytes")
    func order() {
        var seed = Seeded(5)
        let terms = (0..<300).map { _ in Term(Term.Kind.allCases.randomElement(using: &seed) ?? .actor, seed.bytes16()) }
        #expect(terms.sorted().map(\.bytes) == terms.map(\.bytes).sorted { $0.lexicographicallyPrecedes($1) })
    }
}
