import Testing
import VestigeCore
import VestigeCrypto
import VestigeTesting

@testable import VestigeLocal

@Suite("Spools")
struct SpoolConformanceTests {
    @Test("The spool in memory keeps its contract")
    func memory() async throws {
        try Sodium.start()
        try await SpoolConformance { InMemorySpool() }.run()
    }

    @Test("The file spool keeps its contract")
    func file() async throws {
        let fixture = try SpoolFixture()
        try await SpoolConformance { fixture.spool() }.run()
    }

    @Test("A file spool that is always cut back and written anew keeps it too")
    func smallFile() async throws {
        let fixture = try SpoolFixture()
        try await SpoolConformance { fixture.spool(FileSpool.Limits(empty: 0, crowded: 0)) }.run()
    }

    @Test("The spool in memory refuses when it is told to, and an intent outlives a refused outcome")
    func refusals() async throws {
        try Sodium.start()
        let spool = InMemorySpool()
        let intent = try SpoolConformance.batch(1)
        let ticket = try await spool.intend(intent)
        spool.refusesKeeps = true
        let outcome = try SpoolConformance.batch(2)
        await #expect(throws: SpoolError.self) { try await spool.keep(outcome, replacing: ticket) }
        #expect(spool.leftover.map(\.id) == [intent.id])
        spool.refusesIntents = true
        await #expect(throws: SpoolError.self) { _ = try await spool.intend(outcome) }
        #expect(spool.waiting == SpoolWaiting(intents: 1))
    }
}
