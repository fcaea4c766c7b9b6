import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeTrail

@Suite("SQLite stores keep their contracts")
struct ConformanceTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("the trail store keeps the contract")
    func trail() throws {
        try TrailStoreConformance {
            try SQLiteTrailStore.create(in: directory.fresh(), identity: TrailIdentity(id: .random(), origin: "vestige.local/test"))
        }.check()
    }

    @Test("the vault store keeps the contract", arguments: VaultStoreConformance.rules.map(\.sentence))
    func vault(_ sentence: String) async throws {
        let directory = directory
        let conformance = VaultStoreConformance { try SQLiteVaultStore.create(in: directory.fresh()) }
        for rule in VaultStoreConformance.rules where rule.sentence == sentence { try await conformance.run(rule) }
    }

    @Test("the desk store keeps the contract")
    func desk() async throws {
        let directory = directory
        try await DeskStoreConformance { try SQLiteDeskStore.create(in: directory.fresh()) }.run()
    }
}
