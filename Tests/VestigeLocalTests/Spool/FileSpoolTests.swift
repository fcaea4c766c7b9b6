import Dispatch
import Foundation
import Glibc
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeTesting

@testable import VestigeLocal

@Suite("The file spool")
struct FileSpoolTests {
    @Test("Makes no file before the first act, and one that only its owner may read")
    func lazy() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool()
        #expect(spool.waiting == SpoolWaiting())
        spool.settle(SpoolTicket(sequence: 1))
        #expect(fixture.names.isEmpty)
        _ = try await spool.intend(try SpoolConformance.batch(1))
        #expect(fixture.names == ["\(spool.id.hex).spool"])
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path(spool.id))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let reader = fixture.spool()
        reader.close()
        #expect(fixture.names.count == 1)
    }

    @Test("A spool directory that is missing is made")
    func missingDirectory() async throws {
        let fixture = try SpoolFixture()
        try FileManager.default.removeItem(atPath: fixture.data + "/spool")
        #expect(try fixture.leftovers().isEmpty)
        let spool = fixture.spool()
        _ = try await spool.intend(try SpoolConformance.batch(1))
        spool.close()
        #expect(try fixture.leftovers().count == 1)
    }

    @Test("A file that cannot be made refuses the act, and the next one tries again")
    func noFile() async throws {
        let fixture = try SpoolFixture()
        try FileManager.default.removeItem(atPath: fixture.data + "/spool")
        #expect(FileManager.default.createFile(atPath: fixture.data + "/spool", contents: nil))
        let spool = fixture.spool()
        let batch = try SpoolConformance.batch(1)
        await #expect(throws: SpoolError.self) { _ = try await spool.intend(batch) }
        #expect(spool.waiting == SpoolWaiting())
        #expect(spool.failure == nil)
        try FileManager.default.removeItem(atPath: fixture.data + "/spool")
        _ = try await spool.intend(batch)
        #expect(fixture.names.count == 1)
    }

    @Test("Two hundred acts at once share one sync, and stand in the order of their tickets")
    func groupCommit() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool()
        let batches = try (0..<200).map { try SpoolConformance.batch($0) }
        // The thread is kept busy, as a slow disk would, until all of them wait for it.
        let disk = DispatchSemaphore(value: 0)
        spool.thread.async { disk.wait() }
        let acts = Task {
            try await withThrowingTaskGroup(of: (SpoolTicket, SealedBatch).self) { group in
                for batch in batches { group.addTask { (try await spool.intend(batch), batch) } }
                return try await group.reduce(into: [(SpoolTicket, SealedBatch)]()) { $0.append($1) }
            }
        }
        let allWait = try await eventually { spool.queued == 200 }
        disk.signal()
        #expect(allWait)
        let inOrder = try await acts.value.sorted { $0.0 < $1.0 }.map { $0.1.encoded() }
        #expect(spool.syncs == 1)
        #expect(spool.waiting == SpoolWaiting(intents: 200))
        let bytes = try fixture.bytes(spool.id)
        spool.close()
        #expect(try fixture.reading(bytes, as: spool.id).batches == inOrder)
    }

    @Test("A close removes an empty file, leaves one with acts in it, and ends the spool")
    func closing() async throws {
        let fixture = try SpoolFixture()
        let batch = try SpoolConformance.batch(1)
        let empty = fixture.spool()
        empty.settle(try await empty.intend(batch))
        empty.close()
        #expect(fixture.names.isEmpty)
        let full = fixture.spool()
        _ = try await full.intend(batch)
        full.close()
        full.close()
        await #expect(throws: SpoolError.self) { _ = try await full.intend(batch) }
        #expect(full.failure == nil)
        #expect(try fixture.leftovers().flatMap(\.batches).map(\.id) == [batch.id])
    }

    @Test("A full disk stops the spool: acts are refused, what is kept is still given, nothing half-written stays")
    func fullDisk() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool()
        let (first, second) = (try SpoolConformance.batch(1), try SpoolConformance.batch(2))
        let ticket = try await spool.intend(first)
        try await spool.keep(second, replacing: nil)
        try replace(try #require(spool.descriptor), by: "/dev/full")
        await #expect(throws: SpoolError.self) { try await spool.keep(first, replacing: ticket) }
        await #expect(throws: SpoolError.self) { _ = try await spool.intend(first) }
        #expect(spool.failure == .failed("writing a spool file", ENOSPC))
        #expect(spool.waiting == SpoolWaiting(intents: 1, kept: 1))
        #expect(spool.kept(limit: 10).map(\.batch.id) == [second.id])
        for kept in spool.kept(limit: 10) { spool.settle(kept.ticket) }
        #expect(spool.waiting == SpoolWaiting(intents: 1))
        spool.close()
        // What was durable before is found: the intent without its outcome, and the kept entry, which the trail knows by its id.
        #expect(try fixture.leftovers().flatMap(\.batches).map(\.id) == [first.id, second.id])
    }

    @Test("A disk that does not make durable stops the spool")
    func failedSync() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool()
        let batch = try SpoolConformance.batch(1)
        _ = try await spool.intend(batch)
        // Takes every write, and cannot be synced.
        try replace(try #require(spool.descriptor), by: "/dev/null")
        await #expect(throws: SpoolError.self) { _ = try await spool.intend(batch) }
        await #expect(throws: SpoolError.self) { _ = try await spool.intend(batch) }
        #expect(spool.failure == .failed("making a spool file durable", EINVAL))
        #expect(spool.waiting == SpoolWaiting(intents: 1))
    }

    @Test("A long file in which nothing waits is cut back to its head, and sequences go on")
    func cutBack() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool(FileSpool.Limits(empty: 4096))
        var last = SpoolTicket(sequence: 0)
        for number in 0..<40 {
            let ticket = try await spool.intend(try SpoolConformance.batch(number))
            #expect(ticket > last)
            last = ticket
            spool.settle(ticket)
        }
        // Below this nothing is cut.
        #expect(try await eventually { try fixture.bytes(spool.id).count <= 4096 })
        let batch = try SpoolConformance.batch(99)
        let ticket = try await spool.intend(batch)
        #expect(ticket > last)
        let bytes = try fixture.bytes(spool.id)
        #expect(bytes.count < 6000)
        spool.close()
        let read = try fixture.reading(bytes, as: spool.id)
        #expect(read.batches == [batch.encoded()])
        #expect(read.damage.isEmpty)
        #expect(read.lastSequence == ticket.sequence)
    }

    @Test("A long file of mostly settled acts is written anew with the live ones, and stays locked")
    func rewrite() async throws {
        let fixture = try SpoolFixture()
        let spool = fixture.spool(FileSpool.Limits(empty: 4096, crowded: 16384))
        let (intent, outcome) = (try SpoolConformance.batch(1), try SpoolConformance.batch(2))
        let waiting = try await spool.intend(intent)
        let replaced = try await spool.intend(try SpoolConformance.batch(3))
        let node = try number(of: fixture.path(spool.id))
        // Another name for the first file: else its number would be given again.
        try FileManager.default.linkItem(atPath: fixture.path(spool.id), toPath: fixture.data + "/first")
        for number in 0..<100 { spool.settle(try await spool.intend(try SpoolConformance.batch(number))) }
        try await spool.keep(outcome, replacing: replaced)
        for number in 0..<100 { spool.settle(try await spool.intend(try SpoolConformance.batch(number))) }
        #expect(try await eventually { try fixture.bytes(spool.id).count < 20000 })
        #expect(try number(of: fixture.path(spool.id)) != node)
        #expect(fixture.names == ["\(spool.id.hex).spool"])
        #expect(try fixture.leftovers().isEmpty)
        #expect(spool.kept(limit: 10).map(\.ticket) == [replaced])
        #expect(spool.waiting == SpoolWaiting(intents: 1, kept: 1))
        let end = try await spool.intend(try SpoolConformance.batch(4))
        spool.settle(end)
        #expect(waiting < end)
        spool.close()
        let leftover = try #require(try fixture.leftovers().first)
        #expect(leftover.batches.map { $0.encoded() } == [intent.encoded(), outcome.encoded()])
        #expect(leftover.damage.isEmpty)
    }

    private func number(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
    }

    /// Lets `descriptor` be another file from now on.
    private func replace(_ descriptor: Int32, by path: String) throws {
        let other = open(path, O_RDWR | O_CLOEXEC)
        #expect(other >= 0 && dup2(other, descriptor) == descriptor)
        close(other)
    }
}
