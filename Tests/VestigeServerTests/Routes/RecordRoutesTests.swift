import Foundation
import Testing
import VestigeTesting
import VestigeTrail

@testable import VestigeServer

@Suite("Recording over HTTP")
struct RecordRoutesTests {
    private static let good =
        #"{"id":"0197a1b2-0000-7000-8000-000000000001","event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}"#
    private static let undeclared =
        #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"curiosity"}"#

    @Test("each line gets its receipt, in order and durable")
    func batch() async throws {
        let host = try await ServiceHost()
        let before = try await host.vestige.trail.checkpoint().size
        let second = Self.good.replacing("000000000001", with: "000000000002")
        let answer = try await host.serve(as: "host") {
            try await $0.post("/v1/record", Self.good + "\n" + second + "\n", type: "application/x-ndjson")
        }
        #expect(answer.status == 200)
        #expect(
            answer.lines == [
                #"{"id":"0197a1b2-0000-7000-8000-000000000001","seq":\#(before),"status":"recorded"}"#,
                #"{"id":"0197a1b2-0000-7000-8000-000000000002","seq":\#(before + 1),"status":"recorded"}"#,
            ])
        #expect(try await host.vestige.trail.checkpoint().size == before + 2)
        #expect(try await host.vestige.trail.verify().verdict == .intact)
    }

    @Test("the same id again gets the same receipt and is recorded once")
    func idempotent() async throws {
        let host = try await ServiceHost()
        let answers = try await host.serve(as: "host") { client in
            [try await client.post("/v1/record", Self.good), try await client.post("/v1/record", Self.good)]
        }
        #expect(answers.map(\.status) == [200, 200])
        #expect(answers[0].text == answers[1].text)
        #expect(try await host.vestige.recorded().count { $0.id.description == "0197a1b2-0000-7000-8000-000000000001" } == 1)
    }

    @Test("a line that is refused says why, and the others are recorded")
    func oneIsRefused() async throws {
        let host = try await ServiceHost()
        let body = [Self.undeclared, Self.good, "{", ""].joined(separator: "\n")
        let answer = try await host.serve(as: "host") { try await $0.post("/v1/record", body, type: "application/x-ndjson") }
        #expect(answer.status == 207)
        #expect(answer.lines.count == 3)
        #expect(answer.lines[0].hasPrefix(#"{"line":1,"error":"purpose: "#))
        #expect(answer.lines[1].contains(#""status":"recorded""#))
        #expect(answer.lines[2].hasPrefix(#"{"line":3,"error":"entry: not JSON"#))
    }

    @Test("what only Vestige may write is refused")
    func builtIn() async throws {
        let host = try await ServiceHost()
        let forged =
            #"{"event":"erased","channel":"compliance","action":"erasure.started","actor":{"type":"user","id":"7"}}"#
        let answer = try await host.serve(as: "host") { try await $0.post("/v1/record", forged) }
        #expect(answer.status == 207)
        #expect(answer.lines[0].contains("error"))
    }

    @Test("too many lines, too many bytes, another type and an empty body are refused as a whole")
    func wholeRequests() async throws {
        let host = try await ServiceHost()
        let size = try await host.vestige.trail.checkpoint().size
        let answers = try await host.serve(as: "host") { client in
            [
                try await client.post(
                    "/v1/record", String(repeating: Self.undeclared + "\n", count: Limits.batchEntryCountMax + 2),
                    type: "application/x-ndjson"),
                try await client.post("/v1/record", String(repeating: " ", count: Limits.batchByteCountMax + 1)),
                try await client.post("/v1/record", Self.good, type: "text/plain"),
                try await client.post("/v1/record", "\n", type: "application/x-ndjson"),
            ]
        }
        #expect(answers.map(\.status) == [413, 413, 415, 400])
        #expect(answers.map(\.problem) == ["body-too-large", "body-too-large", "media-type", "invalid-value"])
        #expect(try await host.vestige.trail.checkpoint().size == size)
    }

    @Test("one line over the limit of an entry is refused, the others are recorded")
    func longLine() async throws {
        let host = try await ServiceHost()
        let body = String(repeating: "x", count: 61 * 1024) + "\n" + Self.good
        let answer = try await host.serve(as: "host") { try await $0.post("/v1/record", body, type: "application/x-ndjson") }
        #expect(answer.status == 207)
        #expect(answer.lines[0].contains("shorten it"))
        #expect(answer.lines[1].contains("recorded"))
    }
}
