import Testing
import VestigeDesk
import VestigeTesting

@Suite("Desk stores")
struct DeskStoreTests {
    @Test("the desk in memory keeps the contract")
    func inMemory() async throws {
        try await DeskStoreConformance { InMemoryDeskStore() }.run()
    }

    @Test("messages say what to do and name no document")
    func messages() {
        #expect(DeskError.conflict(current: 3).description.hasSuffix("nothing was written, read it and try again"))
        #expect(DeskError.tooLarge(byteCount: 2_000_000).description.contains("1048576"))
    }
}
