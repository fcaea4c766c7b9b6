import Testing
import VestigeCrypto
import VestigeTrail

@Suite("Entry ids")
struct EntryIDTests {
    @Test("An id carries its millisecond, version 7 and the variant of RFC 9562")
    func make() throws {
        let time = try #require(Timestamp("2026-05-04T09:12:33.000999Z"))
        var seen: Set<EntryID> = []
        for _ in 0..<1000 {
            let id = EntryID.make(at: time)
            let raw = id.bytes.bytes
            #expect(raw[..<6].reduce(0) { $0 << 8 | Int64($1) } == time.microseconds / 1000)
            #expect(raw[6] >> 4 == 7 && raw[8] >> 6 == 2)
            #expect(EntryID(id.description) == id)
            seen.insert(id)
        }
        #expect(seen.count == 1000)
        #expect(EntryID.make(at: time) < EntryID.make(at: time.adding(microseconds: 1000)))
    }

    @Test("The example of RFC 9562 reads and writes, and capitals mean the same")
    func example() throws {
        // RFC 9562, A.6.
        let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        let id = try #require(EntryID(text))
        #expect(id.description == text)
        #expect(id.bytes.hex == "017f22e279b07cc398c4dc0c0c07398f")
        #expect(EntryID(text.uppercased()) == id)
    }

    @Test(
        "Another version, another variant or another form is refused",
        arguments: [
            "", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-18c4-dc0c0c07398f", "017f22e2-79b0-7cc3-d8c4-dc0c0c07398f",
            "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
            "00000000-0000-0000-0000-000000000000",
        ])
    func refused(text: String) {
        #expect(EntryID(text) == nil)
    }
}
