import Foundation
import Logging
import TestSupport
import Testing
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigePolicy
import VestigeStream
import VestigeTrail
import VestigeVault

/// A directory for one test, gone with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vestige-stream-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A receiver in a process of its own, and what it has read.
struct Receiver {
    let program: RunningProgram
    let port: Int
    let file: String

    static func start(_ arguments: String = "", in scratch: Scratch, port: Int? = nil, file: String = "received.log") async throws
        -> Receiver
    {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "receiver.py").path
        let program = try await RunningProgram.start(
            "python3 '\(script)' \(file) \(arguments)" + (port.map { " --port \($0)" } ?? ""), in: scratch.path)
        let port = try #require(await program.nextLine().flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) })
        return Receiver(program: program, port: port, file: scratch.path + "/" + file)
    }

    /// Whole messages in the order in which they came, of all connections.
    var messages: [String] { Received.lines(file) }
}

enum Received {
    static func lines(_ path: String) -> [String] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("# ") }
    }

    static func seqs(_ messages: [String]) -> [UInt64] {
        messages.compactMap { message in
            guard let mark = message.firstRange(of: " seq=\"") else { return nil }
            return UInt64(message[mark.upperBound...].prefix { $0 != "\"" })
        }
    }

    /// Every place up to `size` is there; a place that is lower than the one before begins a repetition, and nothing is left out after it.
    static func isWholeAndInOrder(_ seqs: [UInt64], size: UInt64) -> Bool {
        var highest: UInt64?
        for (index, seq) in seqs.enumerated() {
            if index > 0, seq != seqs[index - 1] + 1, seq > (highest ?? 0) { return false }
            if index > 0, seq > seqs[index - 1] + 1 { return false }
            highest = max(highest ?? 0, seq)
        }
        return seqs.first == 0 && Set(seqs) == Set(0..<size)
    }
}

enum Streaming {
    static let asker = Asker.keyHolder(AuditActor(.user, id: "900", name: "Operator"), purpose: "audit")

    static var limits: SinkLimits {
        var limits = SinkLimits()
        limits.lapEntryCount = 150
        limits.idleTime = .milliseconds(100)
        limits.pollTime = .milliseconds(20)
        limits.pauseMin = .milliseconds(50)
        limits.pauseMax = .milliseconds(200)
        // Given up is only who never answers: those tests set their own.
        limits.connectTime = .seconds(180)
        limits.stallTime = .seconds(180)
        limits.finishTime = .seconds(180)
        return limits
    }

    static func policyText(_ sinks: String) throws -> String {
        try String(contentsOfFile: Checkout.path("Policies/people-directory.yaml"), encoding: .utf8) + "\nsinks:\n\(sinks)\n"
    }

    static func vestige(_ sinks: String, in scratch: Scratch) async throws -> LocalVestige {
        let policy = try Policy.parse(Array(try policyText(sinks).utf8), file: "test.yaml")
        return try await Vestige.create(Place(data: scratch.path + "/data"), policy: policy, by: AuditActor(.user, id: "1"))
    }

    static func look(_ number: Int) -> Entry {
        Entry(
            event: "read",
            actor: AuditActor(.user, id: "7", name: "Ana Lima", email: "ana@example.org", ip: "10.0.0.7", userAgent: "secret-agent"),
            record: RecordReference(type: "user", id: "\(number % 50)"), fields: ["email"], purpose: "support", page: "/people/secret")
    }

    static func record(_ count: Int, _ vestige: LocalVestige) async throws {
        for number in 0..<count { _ = try await vestige.recorder.record(look(number)) }
    }

    static func service(_ vestige: LocalVestige, stopsAtEnd: Bool = true, tls: SinkTLS = SinkTLS(), limits: SinkLimits = limits) throws
        -> SinkService
    {
        try SinkService(
            vestige, sink: "siem", asker: asker, tls: tls, limits: limits, stopsAtEnd: stopsAtEnd,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
}
