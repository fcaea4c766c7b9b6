import Testing
import VestigeCrypto
import VestigeTesting
import VestigeTrail

@Suite("The trail in memory")
struct InMemoryTrailStoreTests {
    @Test("It keeps the contract of a trail store")
    func contract() throws {
        try TrailStoreConformance { InMemoryTrailStore(identity: TrailIdentity(id: .zero, origin: "example.org/trail")) }.check()
    }
}
