import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Headers")
struct HeaderTests {
    static let full =
        #"{"v":1,"id":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f","occurred_at":"2026-05-04T09:12:33.000412Z","channel":"pii-read","#
        + #""event":"read","action":"pii.read.user","status":"success","#
        + #""actor":{"type":"user","pseudonym":"000102030405060708090a0b0c0d0e0f","role":"agent"},"#
        + #""behalf":{"type":"user","self":true},"record":{"type":"user","handle":"101112131415161718191a1b1c1d1e1f"},"#
        + #""subjects":["101112131415161718191a1b1c1d1e1f","202122232425262728292a2b2c2d2e2f"],"fields":["email","phone"],"other":2,"#
        + #""purpose":"support","activity":"RPA-12","correlation_id":"4bf92f3577b34da6a3ce929d0e0e4736","recipient":"payroll-gmbh","#
        + #""part":{"n":1,"of":3},"details":{"format":"csv","ok":true,"rows":-12,"until":"2026-05-05T00:00:00.000000Z"},"#
        + #""policy":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","#
        + #""description":{"t":"Reassigned {0} to {1}","c":{"1":"support","10":"a\"\\\u0009\u001fé"}}}"#

    @Test("A header with every member is read, and written back byte for byte")
    func everyMember() throws {
        let header = try Header(decoding: Array(HeaderTests.full.utf8))
        #expect(header.part == Part(n: 1, of: 3))
        #expect(header.behalf?.identity == .oneself)
        #expect(header.details["rows"] == .integer(-12))
        #expect(header.details["until"] == Timestamp("2026-05-05T00:00:00.000000Z").map(HeaderDetail.time))
        #expect(header.description?.clear[10] == "a\"\\\u{9}\u{1F}é")
        #expect(header.subjects.count == 2 && header.other == 2)
        #expect(String(decoding: header.encoded(), as: UTF8.self) == HeaderTests.full)
    }

    @Test("Random headers come back, byte for byte")
    func roundTrip() throws {
        var seed = Seeded(3)
        for round in 0..<3000 {
            let header = seed.header()
            let bytes = header.encoded()
            let read = try Header(decoding: bytes)
            #expect(read == header, "round \(round)")
            #expect(read.encoded() == bytes, "round \(round)")
        }
    }

    @Test("Whatever single byte of a header is changed, what is still read is written back the same")
    func noSecondSpelling() {
        var seed = Seeded(4)
        for _ in 0..<60 {
            let bytes = seed.header().encoded()
            for place in bytes.indices {
                var changed = bytes
                changed[place] =
                    seed.flag() ? UInt8.random(in: 0x20...0x7E, using: &seed) : changed[place] ^ 1 << UInt8.random(in: 0...7, using: &seed)
                if let read = try? Header(decoding: changed) { #expect(read.encoded() == changed) }
                var shorter = bytes
                shorter.remove(at: place)
                if let read = try? Header(decoding: shorter) { #expect(read.encoded() == shorter) }
                var longer = bytes
                longer.insert(UInt8.random(in: 0x20...0x7E, using: &seed), at: place)
                if let read = try? Header(decoding: longer) { #expect(read.encoded() == longer) }
            }
        }
    }

    @Test("A header cut short at any byte is refused")
    func truncated() {
        let bytes = Array(HeaderTests.full.utf8)
        for count in bytes.indices { #expect(throws: TrailError.self) { try Header(decoding: Array(bytes[..<count])) } }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func invalidUTF8() throws {
        let bytes = Array(HeaderTests.full.utf8)
        let place = try #require(bytes.firstRange(of: Array("agent".utf8))?.lowerBound)
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
            #expect(throws: TrailError.self) { try Header(decoding: bytes[..<place] + bad + bytes[place...]) }
        }
    }

    @Test(
        "A second spelling is refused",
        arguments: [
            ("{\"v\"", "{ \"v\""), ("{\"v\"", " {\"v\""), ("\"v\":1", "\"v\": 1"), ("\"v\":1", "\"v\":01"), ("\"v\":1", "\"v\":1.0"),
            ("\"v\":1", "\"v\":2"), ("\"v\":1,", ""), ("{\"v\"", "{,\"v\""), ("\"v\":1,", "\"v\":1,,"), ("\"v\":1,", "\"v\":1"),
            ("\"success\",", "\"success\", "), ("\"success\"", "\"Success\""), ("\"success\"", "null"),
            ("\"channel\":\"pii-read\",", ""),
            ("\"event\":\"read\",\"action\":\"pii.read.user\"", "\"action\":\"pii.read.user\",\"event\":\"read\""),
            ("agent", "\\u0061gent"), ("agent", "\\u0041gent"), ("agent", "a\\/gent"), ("agent", "a\\ngent"), ("agent", "a\ngent"),
            ("agent", "a\\u000Agent"), ("agent", "a\\u0022gent"), ("agent", "a\\u0020gent"), ("\\u001f", "\\u001F"), ("\\u001f", "\\U001f"),
            ("c07398f", "C07398F"), ("0a0b0c0d0e0f", "0A0B0C0D0E0F"), ("e3b0c442", "E3B0C442"), ("202122", "2021"),
            ("000412Z", "000412+00:00"), ("33.000412Z", "33.0412Z"), ("\"self\":true", "\"self\":false"), ("\"self\":true", "\"self\":1"),
            ("\"other\":2", "\"other\":0"), ("\"other\":2", "\"other\":-1"), ("\"other\":2", "\"other\":+2"),
            ("\"other\":2", "\"other\":2e0"),
            ("\"other\":2", "\"other\":9223372036854775808"), ("\"rows\":-12", "\"rows\":-0"), ("\"rows\":-12", "\"rows\":12.0"),
            ("\"rows\":-12", "\"rows\":null"), ("true,\"rows\"", "True,\"rows\""),
            ("\"ok\":true,\"rows\":-12", "\"rows\":-12,\"ok\":true"), ("\"ok\":true,", "\"ok\":true,\"ok\":true,"),
            ("\"n\":1,\"of\":3", "\"of\":3,\"n\":1"), ("\"n\":1,", ""), (",\"of\":3", ""),
            ("\"purpose\":", "\"unknown\":\"x\",\"purpose\":"),
            ("\"purpose\":\"support\"", "\"purpose\":null"),
            ("\"purpose\":\"support\",\"activity\":\"RPA-12\"", "\"activity\":\"RPA-12\",\"purpose\":\"support\""),
            ("[\"email\",\"phone\"]", "[]"), ("[\"email\",\"phone\"]", "[\"email\",\"phone\",]"),
            ("[\"email\",\"phone\"]", "[\"email\" ,\"phone\"]"),
            ("[\"101112131415161718191a1b1c1d1e1f\",\"202122232425262728292a2b2c2d2e2f\"]", "[]"),
            ("{\"1\":\"support\",", "{\"01\":\"support\","), ("{\"1\":\"support\",", "{\"+1\":\"support\","),
            ("{\"1\":\"support\",", "{\"-1\":\"support\","),
            ("{\"1\":\"support\",", "{\"11\":\"support\","), ("{\"1\":\"support\",", "{\"10\":\"support\","),
            ("{\"1\":\"support\",", "{\"x\":\"support\","),
            ("\"t\":\"Reassigned {0} to {1}\",", ""), ("é\"}}}", "é\"}}}\n"), ("é\"}}}", "é\"}}} "), ("é\"}}}", "é\"}},\"z\":1}"),
            ("é\"}}}", "é\"}}"),
            ("{\"format\":\"csv\",\"ok\":true,\"rows\":-12,\"until\":\"2026-05-05T00:00:00.000000Z\"}", "{}"),
            ("\"agent\"}", "\"agent\",\"x\":1}"),
        ])
    func secondSpelling(original: String, changed: String) throws {
        let range = try #require(HeaderTests.full.firstRange(of: original))
        var text = HeaderTests.full
        text.replaceSubrange(range, with: changed)
        #expect(throws: TrailError.self) { try Header(decoding: Array(text.utf8)) }
    }

    @Test("An empty map of clear values is refused")
    func emptyClear() throws {
        let start = try #require(HeaderTests.full.firstRange(of: ",\"c\":")).lowerBound
        let without = HeaderTests.full[..<start]
        _ = try Header(decoding: Array((without + "}}").utf8))
        #expect(throws: TrailError.self) { try Header(decoding: Array((without + ",\"c\":{}}}").utf8)) }
    }

    @Test("Two keys of details that Unicode holds equal are not merged in silence")
    func equivalentKeys() throws {
        let details = #"{"e\#u{301}":1,"é":2}"#
        let range = try #require(HeaderTests.full.firstRange(of: #"{"format""#))
        let end = try #require(HeaderTests.full.firstRange(of: #","policy""#))
        let text = HeaderTests.full[..<range.lowerBound] + details + HeaderTests.full[end.lowerBound...]
        if let read = try? Header(decoding: Array(text.utf8)) { #expect(read.encoded() == Array(text.utf8)) }
    }
}
