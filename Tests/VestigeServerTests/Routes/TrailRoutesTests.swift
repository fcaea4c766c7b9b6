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
