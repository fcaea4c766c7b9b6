import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeStream
import VestigeTrail

@Suite("A stream into files")
struct FileStreamTests {
    @Test("writes every entry once and in order, begins new files, and leaves nothing that others may read")
    func rotated() async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige("  siem: { to: \"file://\(scratch.path)\", format: syslog }", in: scratch)
        try await Streaming.record(700, vestige)
        var limits = Streaming.limits
        limits.fileByteCountMax = 100_000
        try await Streaming.service(vestige, limits: limits).run()
        try await Streaming.record(100, vestige)
        try await Streaming.service(vestige, limits: limits).run()
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter { $0.hasSuffix(".log") }.sorted()
        #expect(names.count >= 2 && names.last == "siem.log")
        let seqs = Received.seqs(names.flatMap { Received.lines(scratch.path + "/" + $0) })
        #expect(seqs == Array(0..<(try await vestige.trail.size())))
        for name in names {
            let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/" + name)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        try await vestige.close()
    }

    @Test("A line that was torn by a crash is cut off and comes again whole")
    func torn() async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige("  siem: { to: \"file://\(scratch.path)\" }", in: scratch)
        try await Streaming.service(vestige).run()
        let path = scratch.path + "/siem.log"
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        _ = try handle.seekToEnd()
        try handle.write(contentsOf: Data("<110>1 2026-05-04T09".utf8))
        try handle.close()
        try await Streaming.record(5, vestige)
        try await Streaming.service(vestige).run()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix(whole + "<") && text.hasSuffix("\n"))
        #expect(Received.seqs(Received.lines(path)) == Array(0..<(try await vestige.trail.size())))
        try await vestige.close()
    }

    @Test("Files are written in each format, one entry a line", arguments: ["syslog", "ocsf", "ecs", "cef", "ndjson"])
    func formats(_ format: String) async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige("  siem: { to: \"file://\(scratch.path)\", format: \(format) }", in: scratch)
        try await Streaming.record(4, vestige)
        try await Streaming.service(vestige).run()
        let lines = Received.lines(scratch.path + "/siem.log")
        #expect(lines.count == Int(try await vestige.trail.size()))
        for secret in ["Ana Lima", "ana@example.org", "secret"] { #expect(!lines.joined().contains(secret)) }
        try await vestige.close()
    }

    @Test("A directory that is not there keeps the cursor where it is, and is tried again")
    func missing() async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige("  siem: { to: \"file://\(scratch.path)/later\" }", in: scratch)
        let streaming = Task { try await Streaming.service(vestige).run() }
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await vestige.sinkCursor(of: "siem").next == 0)
        try FileManager.default.createDirectory(atPath: scratch.path + "/later", withIntermediateDirectories: false)
        try await streaming.value
        #expect(Received.lines(scratch.path + "/later/siem.log").count == Int(try await vestige.trail.size()))
        try await vestige.close()
    }
}
