import Testing
import VestigeCore
import VestigeTrail

@Suite("Entries as JSON")
struct EntryReaderTests {
    @Test("every member of the schema is read")
    func whole() throws {
        let json = """
            {"id":"01970000-0000-7000-8000-000000000001","occurred_at":"2026-05-04T09:12:33.000412Z","channel":"pii-read","event":"read",
            "action":"pii.read.user","actor":{"type":"user","id":"7","name":"Ana \\u004cima","email":"ana@example.org","ip":"10.0.0.7",
            "user_agent":"curl/8","role":"agent","session":"s"},"on_behalf_of":{"type":"api","id":"k"},"record":{"type":"user","id":"42"},
            "subjects":[{"type":"user","id":"42","changes":{"a":{"after":null}}}],"fields":["email","phone"],"purpose":"support",
            "case":"T-881","justification":"j","page":"/people/42","status":"failure",
            "changes":{"email":{"before":"a@x","after":"\\ud83d\\ude00"},"n":{"before":-3},"b":{"after":true}},
            "details":{"rows":3,"ok":false,"at":"2026-05-04T09:12:33Z","format":"csv"},"correlation_id":"c","recipient":"r"}
            """
        let entry = try EntryReader.read(Array(json.utf8))
        #expect(entry.id?.description == "01970000-0000-7000-8000-000000000001")
        #expect(entry.occurredAt?.description == "2026-05-04T09:12:33.000412Z")
        #expect(
            entry.actor
                == AuditActor(
                    .user, id: "7", name: "Ana Lima", email: "ana@example.org", role: "agent", ip: "10.0.0.7", userAgent: "curl/8",
                    session: "s"))
        #expect(entry.onBehalfOf == AuditActor(.api, id: "k"))
        #expect(entry.subjects?.first?.changes == ["a": FieldChange(before: nil, after: .null)])
        #expect(entry.changes["email"] == FieldChange(before: "a@x", after: "😀"))
        #expect(entry.changes["n"] == FieldChange(before: .integer(-3), after: nil))
        #expect(
            entry.details == [
                "rows": .integer(3), "ok": .boolean(false), "at": .time(try #require(Timestamp("2026-05-04T09:12:33.000000Z"))),
                "format": .code("csv"),
            ])
        #expect(entry.status == .failure)
        #expect(
            [
                entry.channel, entry.action, entry.purpose, entry.caseReference, entry.justification, entry.page, entry.correlationID,
                entry.recipient,
            ]
                == ["pii-read", "pii.read.user", "support", "T-881", "j", "/people/42", "c", "r"])
    }

    @Test(
        "times in any RFC 3339 form of UTC, with up to six decimals",
        arguments: [
            ("2026-05-04T09:12:33Z", "2026-05-04T09:12:33.000000Z"), ("2026-05-04t09:12:33.5z", "2026-05-04T09:12:33.500000Z"),
            ("2026-05-04T09:12:33.123456+00:00", "2026-05-04T09:12:33.123456Z"),
            ("2026-05-04T09:12:33-00:00", "2026-05-04T09:12:33.000000Z"),
        ])
    func times(text: String, time: String) {
        #expect(Timestamp(rfc3339: text)?.description == time)
    }

    @Test(
        "other times are refused",
        arguments: [
            "2026-05-04T09:12:33", "2026-05-04T09:12:33.1234567Z", "2026-05-04T09:12:33.Z", "2026-05-04 09:12:33Z", "2026-02-30T09:12:33Z",
            "2026-05-04T09:12:33+02:00", "2026-05-04T24:00:00Z", "1969-12-31T23:59:59Z", "yesterday",
        ])
    func badTimes(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    /// Whatever is wrong, the message names the place and not the value.
    @Test(
        "what is wrong is named, never what was given",
        arguments: [
            (#"{"event":"read","actor":{"type":"user","id":7}}"#, "actor.id: expected a string, found a whole number"),
            (#"{"event":"read","actor":{"type":"Zylber4711"}}"#, "actor.type: expected one of user, system, api, external, anonymous"),
            (#"{"event":"read","actor":"Zylber4711"}"#, "actor: expected an object, found a string"),
            (#"{"event":"read"}"#, "actor: missing"), (#"{"actor":{"type":"user","id":"7"}}"#, "event: missing"),
            (#"{"event":"read","Zylber4711":1}"#, "entry: unknown key; known are"),
            (#"{"event":"read","subject":[]}"#, "unknown key (did you mean \"subjects\"?)"),
            (#"{"event":"read","description":"Zylber4711"}"#, "cannot be given from outside"),
            (#"{"event":"read","event":"Zylber4711"}"#, "the same name twice"),
            (#"{"event":"read","actor":{"type":"user","id":"Zylber4711"},"id":"Zylber4711"}"#, "id: expected a UUIDv7"),
            (#"{"event":"read","actor":{"type":"user","id":"Zylber4711"},"occurred_at":"Zylber4711"}"#, "occurred_at: expected a time"),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"status":"Zylber4711"}"#, "status: expected one of success"),
            (
                #"{"event":"read","actor":{"type":"user","id":"7"},"fields":["a",["Zylber4711"]]}"#,
                "fields[1]: expected a string, found a list"
            ),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"subjects":[{"type":"Zylber 4711","id":"Zylber4711"}]}"#, "subjects[0]: "),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"subjects":[{"type":"user"}]}"#, "subjects[0].id: missing"),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"changes":{"Zylber4711":{"before":1.5}}}"#, "are given as strings"),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"changes":{"Zylber4711":{}}}"#, "before or after: missing"),
            (
                #"{"event":"read","actor":{"type":"user","id":"7"},"changes":{"Zylber4711":"Zylber4711"}}"#,
                "expected an object, found a string"
            ),
            (#"{"event":"read","actor":{"type":"user","id":"7"},"details":{"Zylber4711":null}}"#, "found null"),
            (#"{"event":"Zylber4711"#, "a string does not end"), (#"Zylber4711"#, "not JSON at byte 0"),
            (#"{} Zylber4711"#, "something follows"),
            (#"["Zylber4711"]"#, "entry: expected an object, found a list"), (#"{"event":"\ud83dZylber4711"}"#, "half of a surrogate pair"),
            ("[[[[[[[[[[1]]]]]]]]]]", "too deeply nested"), (#"{"event":01}"#, "not JSON"),
            ("{\"event\":\"Zylber4711\u{1}\"}", "a control character"),
        ])
    func refusals(json: String, message: String) throws {
        let error = #expect(throws: RecordingError.self) { try EntryReader.read(Array(json.utf8)) }
        let text = "\(try #require(error))"
        #expect(text.contains(message), "\(text)")
        #expect(!text.contains("Zylber") && !text.contains("4711"))
    }

    @Test("bytes that are not UTF-8 are refused")
    func utf8() {
        let bytes = Array(#"{"event":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect(throws: RecordingError.refused(member: "entry", problem: "not UTF-8 at byte 13")) { try EntryReader.read(bytes) }
    }
}
