import Foundation
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

@Suite("Entries and exports over HTTP")
struct EntryRoutesTests {
    @Test("lists page by page, by URL and by body alike")
    func pages() async throws {
        let host = try await ServiceHost()
        try await host.recordLooks(55)
        let answers = try await host.serve(as: "dpo") { client in
            let first = try await client.get("/v1/entries?channel=pii-read&limit=25")
            let cursor = first.json["cursor"] as? String ?? "none"
            // What comes meanwhile is on none of the pages.
            try await host.recordLooks(3)
            return [
                first, try await client.get("/v1/entries?channel=pii-read&limit=25&cursor=\(cursor)"),
                try await client.post("/v1/entries/search", #"{"filters":{"channel":["pii-read"]},"limit":25,"cursor":"\#(cursor)"}"#),
                try await client.post("/v1/entries/search", #"{"query":"channel:pii-read","limit":25,"cursor":"\#(cursor)"}"#),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 200, 200])
        #expect(answers.map { $0.json["total"] as? Int } == [60, 60, 60, 60])
        #expect(answers.map { $0.json["first"] as? Int } == [1, 26, 26, 26])
        let seqs = answers.map(Self.seqs)
        #expect(seqs[0].count == 25 && seqs[1].count == 25 && Set(seqs[0]).isDisjoint(with: seqs[1]))
        #expect(seqs[1] == seqs[2] && seqs[2] == seqs[3])
        #expect(answers[0].json["facets"] == nil)
    }

    private static func seqs(_ answer: ServiceClient.Answer) -> [Int] {
        (answer.json["entries"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int }
    }

    @Test("channels, events and actions are counted where that is asked for", arguments: [true, false])
    func facets(byURL: Bool) async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { client in
            if byURL { return try await client.get("/v1/entries?channel=pii-read&facets=true") }
            return try await client.post("/v1/entries/search", #"{"filters":{"channel":"pii-read"},"facets":true}"#)
        }
        let facets = try #require(answer.json["facets"] as? [String: Any])
        #expect(facets["complete"] as? Bool == true)
        let channels = try #require(facets["channels"] as? [[String: Any]])
        #expect(channels.count == 1 && channels[0]["code"] as? String == "pii-read" && channels[0]["count"] as? Int == 5)
    }

    @Test("the one text box takes qualifiers and words, and a question's entry keeps what was asked for without a name")
    func textBox() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/entries/search", #"{"query":"actor:user/7 event:read hardware"}"#)
        }
        #expect(answer.status == 200)
        #expect((answer.json["entries"] as? [Any])?.count == 1)
        let question = try #require(try await host.newest())
        #expect(question.header?.action == "audit.searched")
        #expect(question.page?.contains("event") == true)
        #expect(question.page?.contains("user/7") == false)
    }

    @Test(
        "what cannot be understood in the text box, and a cursor of another question or none, is 400 and named",
        arguments: [
            (#"{"query":"colour:red"}"#, "bad-query", "query" as String?), (#"{"query":"event:raed"}"#, "bad-query", "query"),
            (#"{"query":"\"open"}"#, "bad-query", "query"),
            (#"{"query":"\#(String(repeating: "word ", count: 900))"}"#, "bad-query", "query"),
            (#"{"cursor":"x"}"#, "bad-cursor", "cursor"), (#"{"filters":{"actor_type":"robot"}}"#, "unknown-code", nil),
            (#"{"limit":26}"#, "invalid-value", "limit"), (#"{"limit":-1}"#, "invalid-value", "limit"),
        ])
    func badText(body: String, problem: String, member: String?) async throws {
        let host = try await ServiceHost()
        let size = try await host.vestige.trail.checkpoint().size
        let answer = try await host.serve(as: "dpo") { try await $0.post("/v1/entries/search", body) }
        #expect(answer.status == 400)
        #expect(answer.problem == problem)
        #expect(answer.json["member"] as? String == member)
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test("a cursor belongs to one question, and one that was made up with endless numbers is refused")
    func cursors() async throws {
        let host = try await ServiceHost()
        try await host.recordLooks(30)
        let answers = try await host.serve(as: "dpo") { client in
            let cursor = try await client.get("/v1/entries?channel=pii-read&limit=25").json["cursor"] as? String ?? "none"
            var bytes: [UInt8] = [1]
            bytes += [UInt8](repeating: 255, count: 24)
            bytes += try #require(Self.bytes(cursor)).suffix(8)
            let endless = Self.cursor(bytes)
            return [
                try await client.get("/v1/entries?channel=pii-read&limit=25&cursor=\(cursor)"),
                try await client.get("/v1/entries?event=read&limit=25&cursor=\(cursor)"),
                try await client.get("/v1/entries?channel=pii-read&limit=25&cursor=\(endless)"),
            ]
        }
        #expect(answers.map(\.status) == [200, 400, 400])
        #expect(answers[1].problem == "bad-cursor" && answers[2].problem == "bad-cursor")
    }

    /// 33 bytes are 44 characters of base64: nothing is padded.
    private static func bytes(_ cursor: String) -> [UInt8]? {
        Base64.decode(cursor.replacing("-", with: "+").replacing("_", with: "/"))
    }

    private static func cursor(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes).replacing("+", with: "-").replacing("/", with: "_")
    }

    @Test(
        "people, records and text do not stand in a URL",
        arguments: ["actor=user/7", "record=hardware/142", "subject=user%2F42", "text=ben", "query=actor:user/7"])
    func peopleInURL(query: String) async throws {
        let host = try await ServiceHost()
        let size = try await host.vestige.trail.checkpoint().size
        let answer = try await host.serve(as: "dpo") { try await $0.get("/v1/entries?\(query)") }
        #expect(answer.status == 400)
        #expect(answer.problem == "person-in-url")
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test("a filter that is not known is named", arguments: ["colour=red", "limit=0", "limit=26", "cursor=x", "facets=2"])
    func unknownFilters(query: String) async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.get("/v1/entries?\(query)") }
        #expect(answer.status == 400)
        #expect(answer.json["member"] as? String == String(query.prefix { $0 != "=" }))
    }

    @Test("a name that is no code is not repeated")
    func strangeFilter() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.get("/v1/entries?Ana%20Lima=1") }
        #expect(answer.problem == "unknown-filter")
        #expect(!answer.text.contains("Ana"))
    }

    @Test("one entry comes with a proof that holds, for who may verify, and is an entry of its own")
    func one() async throws {
        let host = try await ServiceHost()
        let (dpo, admin) = (host.secrets["dpo"], host.secrets["admin"])
        let answers = try await host.serve { client in
            [try await client.with(dpo).get("/v1/entries/0"), try await client.with(admin).get("/v1/entries/0")]
        }
        #expect(answers.map(\.status) == [200, 200])
        #expect((answers[0].json["entry"] as? [String: Any])?["action"] as? String == "pii.read.user")
        let proof = try #require(answers[0].json["proof"] as? [String: Any])
        func bytes(_ name: String) -> [UInt8]? { (proof[name] as? String).flatMap { Base64.decode($0) } }
        let checked = EntryProof(
            seq: 0, leaf: try #require(bytes("leaf")), header: bytes("header"), headerSalt: bytes("salt_header"), payload: bytes("payload"),
            payloadSalt: bytes("salt_payload"), text: try #require(proof["proof"] as? String)
        ).checked(by: host.vestige.trail.verifierKey)
        #expect(checked.findings.isEmpty)
        #expect(checked.header?.action == "pii.read.user")
        #expect(answers[1].json["proof"] == nil)
        let question = try #require(try await host.newest()?.header)
        #expect(question.action == "audit.viewed")
        #expect(question.details["seq"] == .integer(0))
    }

    @Test("an entry that is not there is 404, a place that is none 400")
    func missing() async throws {
        let host = try await ServiceHost()
        let answers = try await host.serve(as: "dpo") { client in
            [try await client.get("/v1/entries/1000"), try await client.get("/v1/entries/ben"), try await client.get("/v1/proofs/1000")]
        }
        #expect(answers.map(\.status) == [404, 400, 404])
        #expect(answers.map(\.problem) == ["not-found", "invalid-value", "not-found"])
    }

    @Test("exports take out what lists show, with pseudonyms, and are entries of their own", arguments: EntryFormat.ofExports)
    func exports(format: EntryFormat) async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/exports", #"{"format":"\#(format.rawValue)","query":"channel:pii-read"}"#)
        }
        #expect(answer.status == 200)
        #expect(answer.headers["content-disposition"]?.hasSuffix(".\(format.fileExtension)\"") == true)
        #expect(answer.headers["content-type"] == format.mediaType)
        switch format {
        case .json:
            #expect((answer.json["entries"] as? [Any])?.count == 5)
            #expect(answer.json["truncated"] as? Bool == false)
            #expect(answer.json["complete"] as? Bool == true)
        case .csv: #expect(answer.bytes.starts(with: [0xEF, 0xBB, 0xBF]) && answer.text.split(separator: "\r\n").count == 6)
        default: #expect(answer.lines.count == 5)
        }
        for hidden in ["Ana Lima", "10.0.0.7", "ana@example.org"] { #expect(!answer.text.contains(hidden), "\(hidden)") }
        let entry = try #require(try await host.newest()?.header)
        #expect(entry.action == "audit.exported")
        #expect(entry.details["format"] == .code(format.rawValue))
        #expect(entry.details["rows"] == .integer(5))
    }

    @Test("an export opens what it is told to, for who may, and its entry says so")
    func opening() async throws {
        let host = try await ServiceHost()
        let (dpo, admin, auditor) = (host.secrets["dpo"], host.secrets["admin"], host.secrets["auditor"])
        let actors = #"{"format":"ndjson","filters":{"channel":"pii-read"},"open":["actors"]}"#
        let answers = try await host.serve { client in
            [
                try await client.with(dpo).post("/v1/exports", actors),
                try await client.with(admin).post("/v1/exports", #"{"format":"csv","open":["subjects"]}"#),
                try await client.with(auditor).post("/v1/exports", #"{"format":"csv","open":["everything"]}"#),
            ]
        }
        #expect(answers.map(\.status) == [200, 403, 400])
        #expect(answers[0].text.contains("Ana Lima"))
        #expect(answers[1].problem == "right-missing" && answers[1].json["member"] as? String == "open-subjects")
        #expect(answers[2].problem == "invalid-value" && answers[2].json["member"] as? String == "open")
        let newest = try await host.newest(2).compactMap(\.header)
        #expect(newest.map(\.action) == ["audit.refused", "audit.exported"])
        let entry = try #require(newest.last)
        #expect(entry.details["opened_actors"] == .boolean(true))
        #expect(entry.details["opened_subjects"] == .boolean(false))
    }

    @Test("where the policy shows actors as pseudonyms no export opens them, also not for a case")
    func worksCouncil() async throws {
        let host = try await ServiceHost { $0.replacing("show: name", with: "show: pseudonym") }
        let size = try await host.vestige.trail.checkpoint().size
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/exports", #"{"format":"csv","open":["actors"]}"#, headers: ["Vestige-Case": "C-117"])
        }
        #expect(answer.status == 403)
        #expect(answer.problem == "actors-hidden")
        #expect(try await host.vestige.trail.checkpoint().size == size + 1)
        #expect(try await host.newest()?.header?.action == "audit.refused")
    }

    @Test(
        "asked for it, an export comes with its manifest: the file's hash, a checkpoint, and whether it is complete",
        arguments: [true, false])
    func manifest(isEmpty: Bool) async throws {
        let host = try await ServiceHost()
        let filter = isEmpty ? #"{"event":"shared"}"# : #"{"channel":"pii-read"}"#
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/exports", #"{"format":"ndjson","filters":\#(filter),"manifest":true,"enterprise":12345}"#)
        }
        #expect(answer.status == 200)
        let type = try #require(answer.headers["content-type"])
        let boundary = try #require(type.split(separator: "boundary=").last)
        #expect(type == "multipart/mixed; boundary=\(boundary)")
        let parts = Self.parts(Data(answer.bytes), at: "--\(boundary)")
        try #require(parts.count == 4)
        #expect(parts[0].isEmpty && parts[3] == Data("--\r\n".utf8))
        let file = try Self.body(parts[1])
        let manifest = try Self.body(parts[2]).object
        #expect(manifest["count"] as? Int == (isEmpty ? 0 : 5))
        #expect(manifest["complete"] as? Bool == true)
        #expect(manifest["bytes"] as? Int == file.count)
        #expect(manifest["sha256"] as? String == sha256(file).hex)
        let note = try #require(manifest["checkpoint"] as? String)
        let export = try #require(manifest["export"] as? [String: Any])
        let checkpoint = try Checkpoint(verifying: note, by: host.vestige.trail.verifierKey)
        #expect(checkpoint.size > UInt64(export["seq"] as? Int ?? .max))
    }

    private static func parts(_ bytes: Data, at mark: String) -> [Data] {
        var parts: [Data] = []
        var rest = bytes
        while let range = rest.range(of: Data(mark.utf8)) {
            parts.append(Data(rest[..<range.lowerBound]))
            rest = Data(rest[range.upperBound...])
        }
        return parts + [rest]
    }

    /// Behind a part's header, without the line end that belongs to the mark.
    private static func body(_ part: Data) throws -> [UInt8] {
        let range = try #require(part.range(of: Data("\r\n\r\n".utf8)))
        return Array(part[range.upperBound...].dropLast(2))
    }

    @Test("an export that its limit cuts says so")
    func truncated() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.post("/v1/exports", #"{"format":"json","limit":2}"#) }
        #expect(answer.json["count"] as? Int == 2)
        #expect(answer.json["truncated"] as? Bool == true)
    }
}
