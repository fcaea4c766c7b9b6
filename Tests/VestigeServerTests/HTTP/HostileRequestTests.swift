import Foundation
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

@Suite("Requests that mean harm")
struct HostileRequestTests {
    @Test("a media type that is none is refused on every route with a body, and the service goes on")
    func mediaTypes() async throws {
        let host = try await ServiceHost()
        let routes = host.service().routes.filter { $0.body != nil }
        #expect(routes.count >= 5)
        try await host.serve { client in
            for route in routes {
                let secret = try #require(host.secrets[route.id == "record" ? "host" : "dpo"])
                for type in [";", "", ";;", " ; charset=utf-8"] {
                    let socket = try Socket(
                        port: client.port,
                        sending: "POST \(route.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(secret)\r\nVestige-Purpose: audit\r\n"
                            + "Content-Type: \(type)\r\nContent-Length: 2\r\n\r\n{}")
                    #expect(try await socket.answer().hasPrefix("HTTP/1.1 415"), "\(route.id) \(type)")
                }
            }
            #expect(try await client.get("/health").status == 200)
        }
    }

    @Test("a body of nothing but line feeds is refused, as is one line too many; as many as may be are taken")
    func lines() async throws {
        let host = try await ServiceHost()
        let line = #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}"# + "\n"
        try await host.serve(as: "host") { client in
            let feeds = try await client.post("/v1/record", String(repeating: "\n", count: 8 << 20), type: "application/x-ndjson")
            #expect(feeds.status == 413 && feeds.problem == "body-too-large")
            let size = try await host.vestige.trail.size()
            let over = try await client.post("/v1/record", String(repeating: line, count: 1_001), type: "application/x-ndjson")
            #expect(over.status == 413)
            #expect(try await host.vestige.trail.size() == size)
            let full = try await client.post("/v1/record", String(repeating: line, count: 1_000), type: "application/x-ndjson")
            #expect(full.status == 200 && full.lines.count == 1_000)
            #expect(try await host.vestige.trail.size() == size + 1_000)
        }
    }

    @Test("ids and codes of any length are the client's mistake, told without them, and stand nowhere")
    func lengths() async throws {
        let host = try await ServiceHost()
        let long = String(repeating: "secretive", count: 100)
        let bodies = [
            ("/v1/who-viewed", #"{"record":{"type":"user","id":"\#(long)"}}"#),
            ("/v1/viewed-by", #"{"actor":{"type":"user","id":"\#(long)"}}"#),
            ("/v1/entries/search", #"{"filters":{"subject":"user/\#(long)"}}"#),
            ("/v1/entries/search", #"{"filters":{"action":"\#(long)"}}"#),
            ("/v1/entries/search", #"{"filters":{"action":"ana@example.org"}}"#),
            ("/v1/exports", #"{"format":"csv","filters":{"action":"\#(long)"}}"#),
        ]
        let size = try await host.vestige.trail.size()
        try await host.serve(as: "dpo") { client in
            for (path, body) in bodies {
                let answer = try await client.post(path, body)
                #expect(answer.status == 400, "\(path) \(body.prefix(40))")
                #expect(!answer.text.contains("secretive") && !answer.text.contains("ana@"))
            }
        }
        #expect(try await host.vestige.trail.size() == size)
        #expect(!host.logs.text.contains("secretive"))
    }

    @Test("chunks that are none, and a body that its client leaves, are no trouble of the service's")
    func brokenBodies() async throws {
        let host = try await ServiceHost()
        let secret = try #require(host.secrets["dpo"])
        let head =
            "POST /v1/who-viewed HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(secret)\r\nVestige-Purpose: audit\r\nContent-Type: application/json\r\n"
        try await host.serve { client in
            let chunks = try Socket(port: client.port, sending: head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n")
            #expect(try await chunks.answer().hasPrefix("HTTP/1.1 400"))
            let left = try Socket(port: client.port, sending: head + "Content-Length: 100\r\n\r\n{")
            try await Task.sleep(for: .milliseconds(100))
            left.close()
            #expect(try await client.get("/health").status == 200)
            try await Task.sleep(for: .milliseconds(200))
        }
        #expect(!host.logs.text.contains("A request failed"))
    }
}
