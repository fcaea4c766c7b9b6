import Foundation
import Testing
import VestigeLocal

@Suite("Two openers of one data directory")
struct TwoWritersTests {
    @Test("append side by side: no fork, no lost receipt, and both make progress")
    func sideBySide() async throws {
        let folder = try Folder()
        try await folder.make().close()
        let openers = [try await folder.open(), try await folder.open()]
        let ledgers = try await withThrowingTaskGroup(of: [Receipt].self) { group in
            for opener in openers {
                for worker in 0..<16 {
                    group.addTask {
                        var receipts: [Receipt] = []
                        for turn in 0..<40 { receipts.append(try await opener.recorder.record(look(at: "p\(worker * turn % 25)"))) }
                        return receipts
                    }
                }
            }
            return try await group.reduce(into: [Receipt]()) { $0 += $1 }
        }
        #expect(ledgers.count == 2 * 16 * 40)
        #expect(Set(ledgers.map(\.seq)).count == ledgers.count)
        for opener in openers {
            for receipt in ledgers { #expect(try await opener.trail.seq(of: receipt.id) == receipt.seq) }
        }
        #expect(try await openers[0].verify().verdict == .intact)
        #expect(try await openers[0].status().subjects == 25)
        for opener in openers { try await opener.close() }
        let again = try await folder.open()
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }

    @Test("An erasure by one has reached the other when it returns")
    func erasureIsNoticed() async throws {
        let folder = try Folder()
        let first = try await folder.make()
        let second = try await folder.open()
        _ = try await first.recorder.record(look(at: "42"))
        _ = try await second.recorder.record(look(at: "42"))
        _ = try await first.rights.erase(
            ErasureOrder(subject: try SubjectID(type: "user", id: "42"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana)
        )
        #expect(try second.vault.cachedStanding(of: SubjectID(type: "user", id: "42"), as: .subject) == nil)
        let late = try await second.recorder.record(look(at: "42"))
        let stored = try #require(try await second.trail.entries([late.seq]).first)
        let header = try Header(decoding: try #require(stored.body).header)
        #expect(header.subjects.isEmpty)
        try await first.close()
        try await second.close()
    }
}
