import Foundation
import Testing
import VestigeLocal

/// From the first act of a process to what the next one makes of it.
@Suite("The spool of a data directory")
struct SpoolLifeTests {
    private func change(_ id: String) -> Entry {
        Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: id), purpose: "support", changes: [:])
    }

    @Test("is begun and ended in the trail, and leaves no file")
    func whole() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await vestige.recorder.act(change("42")) { $0.entry.changes = ["email": FieldChange(before: "a@x", after: "b@x")] }
        #expect(vestige.spoolHealth.waiting == SpoolWaiting() && vestige.spoolHealth.failure == nil)
        #expect(try await vestige.verify().findings.isEmpty)
        try await vestige.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("spool")).isEmpty)
        let again = try await folder.open()
        #expect(try await again.verify().findings.isEmpty)
        #expect(try await actions(again) == ["spool.opened", "user.updated", "spool.drained"])
        try await again.close()
    }

    @Test("that was dropped in the middle of an act is told by the next start as an act of unknown outcome")
    func dropped() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let (begun, end) = (AsyncStream.makeStream(of: Void.self), AsyncStream.makeStream(of: Void.self))
        let act = Task {
            try await vestige.recorder.act(change("42")) { _ in
                begun.continuation.yield()
                for await _ in end.stream {}
            }
        }
        for await _ in begun.stream { break }
        // What a killed process leaves: its files as they are. They are copied, since this one cannot be killed.
        let copy = try await folder.copyLive()
        end.continuation.finish()
        try await act.value
        try await vestige.close()
        let next = try await Vestige.open(copy, keyring: nil)
        let told = try await next.trail.entries(Array(0..<(try await next.trail.checkpoint().size)))
            .compactMap { try $0.body.map { try Header(decoding: $0.header) } }
        let entry = try #require(told.first { $0.action == "user.updated" })
        #expect(entry.status == .warning && entry.details["outcome"] == .code("unknown"))
        #expect(try await next.verify().findings.isEmpty)
        #expect(try await next.status().spoolWaiting == 0)
        try await next.close()
    }

    @Test("that was taken away is found")
    func takenAway() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        try await vestige.recorder.act(change("42")) { $0.entry.changes = ["email": FieldChange(before: "a@x", after: "b@x")] }
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.file("spool")) {
            try FileManager.default.removeItem(atPath: folder.file("spool/" + name))
        }
        #expect(try await vestige.verify().findings.map(\.kind) == [.spool])
        try await vestige.close()
    }

    private func actions(_ vestige: LocalVestige) async throws -> [String] {
        let size = try await vestige.trail.checkpoint().size
        return try await vestige.trail.entries(Array(1..<size)).compactMap { try $0.body.map { try Header(decoding: $0.header).action } }
    }
}
