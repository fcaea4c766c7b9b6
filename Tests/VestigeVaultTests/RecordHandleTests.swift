import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct RecordHandleTests {
    @Test("a record has one handle, found again and minted once")
    func handle() async throws {
        let bench = try await VaultBench()
        #expect(try await bench.vault.standingOfHandle(forRecord: "contract", id: "7") == .unknown)
        let handle = try #require(try await bench.vault.handle(forRecord: "contract", id: "7", of: person("1")))
        #expect(try await bench.vault.handle(forRecord: "contract", id: "7", of: nil) == handle)
        #expect(try await bench.otherVault().handle(forRecord: "contract", id: "7", of: person("1")) == handle)
        #expect(try await bench.vault.standingOfHandle(forRecord: "contract", id: "7") == .active(handle))
        #expect(try await bench.vault.handle(forRecord: "contract", id: "8", of: nil) != handle)
        #expect(try await bench.vault.counts() == (1, 0))
    }

    @Test("a handle goes with the person whom its record is about")
    func erased() async throws {
        let bench = try await VaultBench()
        _ = try await bench.vault.handle(forRecord: "contract", id: "7", of: person("1"))
        try await bench.erase("1")
        #expect(try await bench.vault.standingOfHandle(forRecord: "contract", id: "7") == .erased)
        #expect(try await bench.vault.handle(forRecord: "contract", id: "7", of: person("1")) == nil)
        #expect(try await bench.vault.handle(forRecord: "contract", id: "7", of: nil) == nil)
        #expect(try await bench.vault.handle(forRecord: "contract", id: "9", of: person("1")) == nil)
    }

    @Test("a handle minted for nobody goes with the first person named later")
    func adopted() async throws {
        let bench = try await VaultBench()
        let handle = try await bench.vault.handle(forRecord: "contract", id: "7", of: nil)
        #expect(try await bench.vault.handle(forRecord: "contract", id: "7", of: person("1")) == handle)
        try await bench.erase("1")
        #expect(try await bench.vault.standingOfHandle(forRecord: "contract", id: "7") == .erased)
    }
}
