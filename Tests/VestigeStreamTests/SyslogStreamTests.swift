import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigeStream
import VestigeTrail

@Suite("A stream over TCP", .enabled(if: Program.python != nil, "there is no python3"))
struct SyslogStreamTests {
    @Test("carries every entry once and in order, and goes on there the next time")
    func whole() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start(in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.record(400, vestige)
        try await Streaming.service(vestige).run()
        let size = try await vestige.trail.size()
        #expect(Received.seqs(receiver.messages) == Array(0..<size))
        #expect(try await vestige.sinkCursor(of: "siem").next == size)
        try await vestige.close()

        let again = try await Vestige.open(Place(data: scratch.path + "/data"), keyring: nil)
        try await Streaming.record(30, again)
        try await Streaming.service(again).run()
        let later = try await again.trail.size()
        // Nothing a second time, since all of it was confirmed.
        #expect(Received.seqs(receiver.messages) == Array(0..<later))
        try await again.close()
    }

    @Test("holds headers and pseudonyms, and of an actor what the policy names")
    func discreet() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start(in: scratch)
        let vestige = try await Streaming.vestige(
            "  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\", channels: [pii-read], enterprise: 4711, actor: { fields: [id, ip], because: SOC } }",
            in: scratch)
        try await Streaming.record(3, vestige)
        try await Streaming.service(vestige).run()
        #expect(receiver.messages.count == 3)
        for message in receiver.messages {
            #expect(message.hasPrefix("<110>1 ") && message.contains("[audit@4711 id=\""))
            #expect(message.contains(" actor=\"7\"") && message.contains(" ip=\"10.0.0.7\""))
            for secret in ["Ana Lima", "ana@example.org", "secret"] { #expect(!message.contains(secret)) }
        }
        try await vestige.close()
    }

    @Test("A receiver that resets in the midst of a message gets everything, in order, and knows a repetition by its id")
    func cut() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start("--cut 37 6", in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.record(500, vestige)
        try await Streaming.service(vestige).run()
        let size = try await vestige.trail.size()
        let messages = receiver.messages
        let seqs = Received.seqs(messages)
        #expect(Received.isWholeAndInOrder(seqs, size: size))
        #expect(seqs.count > Int(size), "nothing came twice, so nothing was cut")
        // The same place, the same bytes: an id stands for one entry.
        let byPlace = Dictionary(grouping: zip(seqs, messages), by: \.0)
        #expect(byPlace.values.allSatisfy { Set($0.map(\.1)).count == 1 })
        try await vestige.close()
    }

    @Test("A receiver that is down makes nobody wait; its lag shows, and it gets everything once it is back")
    func down() async throws {
        let scratch = try Scratch()
        let reserved = try ReservedPort()
        let first = try await Receiver.start(in: scratch, port: reserved.port)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(first.port)\" }", in: scratch)
        first.program.kill(SIGKILL)
        _ = await first.program.remainingLines()
        let streaming = Task { try await Streaming.service(vestige, stopsAtEnd: false).run() }
        try await Streaming.record(200, vestige)
        let standing = try #require(try await vestige.sinkStandings().first)
        #expect(standing.next == 0 && standing.lagEntries >= 200 && standing.lagSeconds >= 0 && standing.confirmedAt == nil)
        #expect(try await vestige.status().sinks.first?.name == "siem")

        let second = try await Receiver.start(in: scratch, port: reserved.port)
        let isCaughtUp = try await eventually { try await vestige.sinkStandings().first?.lagEntries == 0 }
        #expect(isCaughtUp)
        streaming.cancel()
        _ = await streaming.result
        #expect(Received.isWholeAndInOrder(Received.seqs(second.messages), size: try await vestige.trail.size()))
        try await vestige.close()
    }

    @Test("A receiver that dies with messages unread loses none of them")
    func died() async throws {
        let scratch = try Scratch()
        let reserved = try ReservedPort()
        let first = try await Receiver.start("--most 30", in: scratch, port: reserved.port)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(first.port)\" }", in: scratch)
        try await Streaming.record(600, vestige)
        var limits = Streaming.limits
        limits.lapEntryCount = 10_000
        let streaming = Task { [limits] in try await Streaming.service(vestige, stopsAtEnd: false, limits: limits).run() }
        // It has taken some; the machine has taken, and acknowledged, much more for it.
        #expect(try await eventually { first.messages.count >= 30 })
        first.program.kill(SIGKILL)
        _ = await first.program.remainingLines()
        #expect(first.messages.count < 600)
        let second = try await Receiver.start(in: scratch, port: reserved.port)
        #expect(try await eventually { try await vestige.sinkStandings().first?.lagEntries == 0 })
        streaming.cancel()
        _ = await streaming.result
        #expect(Received.isWholeAndInOrder(Received.seqs(second.messages), size: try await vestige.trail.size()))
        try await vestige.close()
    }

    @Test("A receiver that never reads is given up, and nothing of it counts as arrived")
    func stalled() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start("--hold", in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.record(100, vestige)
        var limits = Streaming.limits
        limits.stallTime = .milliseconds(300)
        limits.finishTime = .milliseconds(300)
        let streaming = Task { [limits] in try await Streaming.service(vestige, limits: limits).run() }
        try await Task.sleep(for: .seconds(2))
        #expect(try await vestige.sinkCursor(of: "siem").next == 0)
        streaming.cancel()
        _ = await streaming.result
        try await vestige.close()
    }

    @Test("Of two streams to one sink one stops")
    func two() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start(in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.record(50, vestige)
        let stale = try await vestige.sinkCursor(of: "siem")
        _ = try await vestige.moveSink("siem", stale, to: 10)
        await #expect(throws: LocalError.otherStream("siem")) { _ = try await vestige.moveSink("siem", stale, to: 20) }
        #expect(try await vestige.sinkCursor(of: "siem").next == 10)
        #expect(throws: LocalError.self) { try vestige.sinkFeed("nosuch") }
        try await vestige.close()
    }

    @Test("Each start is an entry that says for whom and from where")
    func recorded() async throws {
        let scratch = try Scratch()
        let receiver = try await Receiver.start(in: scratch)
        let vestige = try await Streaming.vestige("  siem: { to: \"tcp://127.0.0.1:\(receiver.port)\" }", in: scratch)
        try await Streaming.service(vestige).run()
        let page = try await vestige.inquiry.entries(try EntryFilter([("action", "audit.streaming")]), limit: 5, asker: Streaming.asker)
        #expect(page.total == 1)
        #expect(page.entries.first?.header?.details["sink"] == .code("siem") && page.entries.first?.header?.details["from"] == .integer(0))
        let none = Asker(actor: Streaming.asker.actor, purpose: "audit", rights: [.query])
        await #expect(throws: InquiryError.missingRight("export")) { try await vestige.recordStreaming(to: "siem", from: 0, by: none) }
        try await vestige.close()
    }
}
