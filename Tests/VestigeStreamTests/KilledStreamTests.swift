import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeLocal
import VestigeStream
import VestigeTrail

@Suite("vestige stream", .enabled(if: Program.python != nil, "there is no python3"))
struct KilledStreamTests {
    private static func looks(_ count: Int) -> String {
        (0..<count).map {
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"\#($0 % 50)"},"purpose":"support"}"# + "\n"
        }.joined()
    }

    private static func directory(_ sinks: String, _ count: Int, in scratch: Scratch) async throws {
        try Streaming.policyText(sinks).write(toFile: scratch.path + "/policy.yaml", atomically: true, encoding: .utf8)
        let made = try await Program.shell(
            "vestige init --policy policy.yaml >/dev/null && vestige record >/dev/null", in: scratch.path, input: looks(count))
        try #require(made.exit == 0, "\(made.output)")
    }

    @Test("killed at any moment, it loses nothing and keeps the order", arguments: ["tcp", "file"])
    func killed(_ kind: String) async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start("--slow 0.01", in: scratch)
        let to = kind == "tcp" ? "tcp://127.0.0.1:\(receiver.port)" : "file://\(scratch.path)"
        try await Self.directory("  siem: { to: \"\(to)\" }", 1_500, in: scratch)
        for milliseconds in [150, 300, 450, 600] {
            let stream = try await RunningProgram.start("vestige stream --purpose audit", in: scratch.path)
            try await Task.sleep(for: .milliseconds(milliseconds))
            stream.kill(SIGKILL)
            _ = await stream.remainingLines()
        }
        let last = try await Program.shell("vestige stream --once --purpose audit", in: scratch.path)
        #expect(last.exit == 0 && last.output.contains("up to date"), "\(last.output)")
        let status = try await Program.shell("vestige status --json", in: scratch.path)
        #expect(status.output.contains(#""lag_entries":0"#))
        let size = try #require(status.output.firstMatch(of: #/"size":(\d+)/#).flatMap { UInt64($0.1) })
        let messages = kind == "tcp" ? receiver.messages : Received.lines(scratch.path + "/siem.log")
        let seqs = Received.seqs(messages)
        #expect(Set(seqs) == Set(0..<size))
        // A connection that was cut has its rest read by the receiver while the next one is read already: order is told within each.
        if kind == "file" { #expect(Received.isWholeAndInOrder(seqs, size: size)) }
        let byPlace = Dictionary(grouping: zip(seqs, messages.map { $0.replacing(#/ vestige \d+ /#, with: " ") }), by: \.0)
        #expect(byPlace.values.allSatisfy { Set($0.map(\.1)).count == 1 })
    }

    @Test("SIGTERM ends it once what was sent is confirmed")
    func stopped() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start(in: scratch)
        try await Self.directory("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", 100, in: scratch)
        let stream = try await RunningProgram.start("vestige stream --purpose audit", in: scratch.path)
        #expect(try await eventually { Received.seqs(receiver.messages).count >= 101 })
        stream.kill(SIGTERM)
        let lines = await stream.remainingLines()
        #expect(lines.joined().contains("siem: up to date"), "\(lines)")
    }

    @Test("without sinks, and for one that is not there, it says what to do")
    func none() async throws {
        let scratch = try Scratch()
        let made = try await Program.shell("vestige init --policy \"$POLICIES/people-directory.yaml\"", in: scratch.path)
        try #require(made.exit == 0)
        let without = try await Program.shell("vestige stream --purpose audit", in: scratch.path)
        #expect(without.exit == 2 && without.output.contains("the adopted policy has no sinks"))
        let other = try await Program.shell("vestige stream siem --purpose audit", in: scratch.path)
        #expect(other.exit == 2 && other.output.contains("has no sink \"siem\""))
    }
}
