import Foundation
import Testing
import VestigeCrypto
import VestigeTesting
import VestigeTrail

@testable import VestigeServer
@testable import VestigeTrail

@Suite("The trail over HTTP")
struct TrailRoutesTests {
    @Test("key, checkpoint and tile belong together: the tile's hashes lead to the root that the key signed")
    func tiles() async throws {
        let host = try await ServiceHost()
        let size = Int(try await host.vestige.trail.checkpoint().size)
        let answers = try await host.serve(as: "auditor") { client in
            [
                try await client.get("/v1/key"), try await client.get("/v1/checkpoint"), try await client.get("/v1/tile/0/000.p/\(size)"),
                try await client.get("/v1/tile/0/000"), try await client.get("/v1/tile/0/x001/000"), try await client.get("/v1/tile/0/1"),
                try await client.get("/v1/tile/1/000.p/1"), try await client.get("/v1/tile/-1/000.p/1"),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 200, 404, 404, 400, 404, 404])
        let key = try VerifierKey(answers[0].text.trimmingCharacters(in: .newlines))
        let checkpoint = try Checkpoint(verifying: answers[1].text, by: key)
        let bytes = answers[2].bytes
        #expect(bytes.count == 32 * size)
        let hashes = stride(from: 0, to: bytes.count, by: 32).compactMap { Bytes32(bytes[$0..<$0 + 32]) }
        #expect(TreeHash.root(of: hashes[...]) == checkpoint.root)
    }

    @Test("a checkpoint goes out with no line that no witness of the trail made")
    func junk() async throws {
        let host = try await ServiceHost()
        let before = try await host.vestige.trail.checkpoint()
        let junk = "— nobody.example AAAAAAAAAAAAAAAA\n"
        let head = try #require(try host.vestige.trailStore.head())
        host.vestige.trailStore.mutate { contents in
            contents.keptCheckpoints[before.size] = before.note
            contents.cosignatures[before.size] = [junk]
            contents.head = StoredHead(size: head.size, recordedAt: head.recordedAt, checkpoint: head.checkpoint + junk)
        }
        let answer = try await host.serve(as: "auditor") { try await $0.get("/v1/checkpoint") }
        #expect(answer.status == 200 && answer.text == before.note)
    }

    @Test("an entry bundle has the leaves that its tile was made from, each behind its length")
    func bundles() async throws {
        let host = try await ServiceHost()
        let size = Int(try await host.vestige.trail.checkpoint().size)
        let answers = try await host.serve(as: "auditor") { client in
            [
                try await client.get("/v1/tile/entries/000.p/\(size)"), try await client.get("/v1/tile/0/000.p/\(size)"),
                try await client.get("/v1/tile/entries/000"), try await client.get("/v1/tile/entries/000.p/\(size + 1)"),
                try await client.get("/v1/tile/entries/001.p/1"), try await client.get("/v1/tile/entries/x"),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 404, 404, 404, 400])
        var rest = answers[0].bytes[...]
        var hashes: [UInt8] = []
        while rest.count >= 2 {
            let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
            #expect(count == 89)
            TreeHash.leaf(Array(rest.prefix(count))).append(to: &hashes)
            rest = rest.dropFirst(count)
        }
        #expect(rest.isEmpty && hashes == answers[1].bytes)
    }

    @Test("a consistency proof leads from a checkpoint that was kept to the newest one")
    func consistency() async throws {
        let host = try await ServiceHost()
        let kept = try await host.vestige.trail.checkpoint()
        try await host.recordLooks(3)
        let answers = try await host.serve(as: "auditor") { client in
            [
                try await client.get("/v1/consistency/\(kept.size)"), try await client.get("/v1/consistency/\(kept.size + 4)"),
                try await client.get("/v1/consistency/-1"), try await client.get("/v1/consistency/0"),
                try await client.get("/v1/consistency/1?to=2"),
            ]
        }
        #expect(answers.map(\.status) == [200, 404, 400, 200, 400])
        #expect(answers.map(\.problem) == [nil, "not-found", "invalid-value", nil, "unknown-member"])
        let parts = answers[0].text.components(separatedBy: "\n\n")
        let lines = parts[0].split(separator: "\n").map(String.init)
        #expect(lines.first == "old \(kept.size)")
        let proof = ConsistencyProof(oldSize: kept.size, hashes: lines.dropFirst().compactMap { Base64.decode($0).flatMap { Bytes32($0) } })
        let note = parts.dropFirst().joined(separator: "\n\n")
        let newest = try Checkpoint(verifying: note, by: host.vestige.trail.verifierKey)
        #expect(newest.size == kept.size + 3)
        #expect(proof.verifies(from: kept.head, to: newest.head))
    }

    @Test("an older trail is asked by its number: its key, checkpoint, proofs and tiles are its own; another number is refused")
    func older() async throws {
        let (host, before) = (try await ServiceHost(), try await ServiceHost())
        try await before.recordLooks(2)
        let tenant = host.tenant(before: [(1, before.vestige.trail)])
        let token = host.secrets["auditor"]
        let size = try await before.vestige.trail.checkpoint().size
        let service = Service(tenants: [tenant], configuration: ServiceHost.anyPort, logger: host.logs.logger)
        try await service.serve { port in
            let client = ServiceClient(port: port).with(token)
            for path in ["/v1/key", "/v1/checkpoint", "/v1/proofs/1", "/v1/consistency/2"] {
                let (old, new, same) = (
                    try await client.get(path + "?trail=1"), try await client.get(path), try await client.get(path + "?trail=2")
                )
                #expect([old, new, same].map(\.status) == [200, 200, 200], "\(path)")
                #expect(old.text != new.text && new.text == same.text, "\(path)")
            }
            let note = try await client.get("/v1/checkpoint?trail=1").text
            #expect(try Checkpoint(verifying: note, by: before.vestige.trail.verifierKey).size == size)
            #expect(try await client.get("/v1/tile/0/000.p/\(size)?trail=1").status == 200)
            #expect(try await client.get("/v1/tile/entries/000.p/\(size)?trail=1").status == 200)
            for path in ["/v1/key", "/v1/tile/0/000.p/1", "/v1/entries", "/v1/entries/0"] {
                for number in ["0", "3", "x", "-1"] {
                    let answer = try await client.get("\(path)?trail=\(number)")
                    #expect(answer.status == 400 && answer.problem == "invalid-value", "\(path) \(number)")
                    #expect(answer.json["member"] as? String == "trail")
                }
            }
            let bodies = AccessMatrixTests.bodies
            for (id, path) in [
                ("searchEntries", "/v1/entries/search"), ("whoViewed", "/v1/who-viewed"), ("viewedBy", "/v1/viewed-by"),
                ("exportEntries", "/v1/exports"),
            ] {
                let body = try #require(bodies[id]?.dropLast())
                let answer = try await client.post(path, body + (id == "searchEntries" ? "" : ",") + #""trail":7}"#)
                #expect(answer.status == 400 && answer.json["member"] as? String == "trail", "\(path)")
            }
        }
    }

    @Test(
        "a tile's path is read as C2SP tlog-tiles writes it",
        arguments: [
            ("067", 67 as UInt64?, 256), ("x001/x234/067", 1_234_067, 256), ("067.p/12", 67, 12), ("x001/000.p/255", 1000, 255),
            ("67", nil, 0),
            ("x000/067", nil, 0), ("001/234", nil, 0), ("067.p/256", nil, 0), ("067.p/0", nil, 0), ("067.p/07", nil, 0), ("", nil, 0),
            ("x067", nil, 0), ("0x7", nil, 0), ("067.p", nil, 0),
        ])
    func places(path: String, index: UInt64?, width: Int) {
        let place = TilePlace(path.split(separator: "/").map(String.init))
        #expect(place?.index == index)
        if index != nil { #expect(place?.width == width) }
    }

    @Test("the proof of an entry is tlog-proof text that holds")
    func proof() async throws {
        let host = try await ServiceHost()
        let answer = try await host.serve(as: "auditor") { try await $0.get("/v1/proofs/2") }
        let (proof, note) = try InclusionProof.read(answer.text)
        let entry = try #require(try await host.vestige.trail.entries([2]).first)
        let checkpoint = try Checkpoint(verifying: note, by: host.vestige.trail.verifierKey)
        #expect(proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head))
    }

    @Test("health, readiness and metrics say how the service is")
    func service() async throws {
        let host = try await ServiceHost()
        let token = host.secrets["admin"]
        let answers = try await host.serve { client in
            [
                try await client.get("/health"), try await client.get("/ready"), try await client.with(token).get("/v1/status"),
                try await client.with(token).get("/metrics"),
            ]
        }
        #expect(answers.map(\.status) == [200, 200, 200, 200])
        #expect(answers[3].text.contains(#"vestige_http_requests_total{route="/health",method="GET",status="200"} 1"#))
        #expect(answers[3].text.contains(#"vestige_trail_size{tenant="default"} "#))
        #expect(answers[3].text.contains(#"vestige_http_request_seconds_bucket{route="/health",le="+Inf"} 1"#))
        #expect(answers[3].text.contains(#"vestige_sink_lag_entries{tenant="default",sink="siem"} 7"#))
    }

    @Test("a route that is not there is 404, another method 405 with those that there are")
    func unknown() async throws {
        let host = try await ServiceHost()
        let answers = try await host.serve(as: "dpo") { client in
            [try await client.get("/v1/people"), try await client.send("DELETE", "/v1/entries"), try await client.get("/v1/who-viewed")]
        }
        #expect(answers.map(\.status) == [404, 405, 405])
        #expect(answers.map(\.problem) == ["unknown-route", "method-not-allowed", "method-not-allowed"])
        #expect(answers.map { $0.headers["allow"] } == [nil, "GET", "POST"])
    }
}
