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
        let answers = try await host.serve(as: "dpo") { client in
            let first = try await client.get("/v1/entries?channel=pii-read&limit=2")
            let cursor = first.json["cursor"] as? Int ?? -1
            return [
                first, try await client.get("/v1/entries?channel=pii-read&limit=2&cursor=\(cursor)"),
                try await client.post("/v1/entries/search", #"{"filters":{"channel":["pii-read"]},"limit":2,"cursor":\#(cursor)}"#),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 200])
        #expect(answers.map { $0.json["total"] as? Int } == [5, 5, 5])
        let seqs = answers.map { ($0.json["entries"] as? [[String: Any]] ?? []).compactMap { $0["seq"] as? Int } }
        #expect(seqs[0].count == 2 && seqs[1].count == 2 && Set(seqs[0]).isDisjoint(with: seqs[1]))
        #expect(seqs[1] == seqs[2])
    }

    @Test(
        "people, records and text do not stand in a URL",
        arguments: ["actor=user/7", "record=hardware/142", "subject=user%2F42", "text=ben"])
    func peopleInURL(query: String) async throws {
        let host = try await ServiceHost()
        let size = try await host.vestige.trail.checkpoint().size
        let answer = try await host.serve(as: "dpo") { try await $0.get("/v1/entries?\(query)") }
        #expect(answer.status == 400)
        #expect(answer.problem == "person-in-url")
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test("a filter that is not known is named", arguments: ["colour=red", "limit=0", "cursor=x"])
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

    @Test("exports take out what lists show, and are entries of their own", arguments: ["json", "csv", "ndjson"])
    func exports(format: String) async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") {
            try await $0.post("/v1/exports", #"{"format":"\#(format)","filters":{"channel":"pii-read"}}"#)
        }
        #expect(answer.status == 200)
        #expect(answer.headers["content-disposition"]?.hasSuffix(".\(format)\"") == true)
        switch format {
        case "json":
            #expect((answer.json["entries"] as? [Any])?.count == 5)
            #expect(answer.json["truncated"] as? Bool == false)
        case "csv": #expect(answer.bytes.starts(with: [0xEF, 0xBB, 0xBF]) && answer.text.split(separator: "\r\n").count == 6)
        default: #expect(answer.lines.count == 5)
        }
        let entry = try #require(try await host.newest()?.header)
        #expect(entry.action == "audit.exported")
        #expect(entry.details["format"] == .code(format))
        #expect(entry.details["rows"] == .integer(5))
    }

    @Test("an export that its limit cuts says so")
    func truncated() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "dpo") { try await $0.post("/v1/exports", #"{"format":"json","limit":2}"#) }
        #expect(answer.json["count"] as? Int == 2)
        #expect(answer.json["truncated"] as? Bool == true)
    }
}
