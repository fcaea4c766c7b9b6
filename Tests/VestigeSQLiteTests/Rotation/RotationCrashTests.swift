import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeVault

@Suite("A rotation that is cut short") struct RotationCrashTests {
    /// Few rows in a page, so that the crashes fall between pages and in the middle of tables too.
    private static let pageLimit = 3

    @Test(
        "after any call of store or keyring loses nobody, opens at once, and is finished by the next one", .timeLimit(.minutes(60)),
        arguments: Interruption.Moment.allCases)
    func everyCall(_ moment: Interruption.Moment) async throws {
        let whole = try await RotationBench(living: 12, erased: 4)
        var calls = 0
        while true {
            calls += 1
            let bench = try whole.copy()
            let crash = Interruption(at: calls, moment)
            try await cutShort(bench, by: crash)
            try await bench.opened { (vault, store) async throws in
                try await bench.checkEverybody(vault, store)
                let status = try await vault.keyStatus()
                let rotation = try await vault.rotate()
                #expect(rotation.resumed == status.isRotating)
                try await bench.checkEverybody(vault, store)
                #expect(try await bench.keksInUse(store) == [rotation.kek])
                #expect(try bench.keyring.kekIDs() == [rotation.kek])
                let end = KeyStatus(current: rotation.kek, least: rotation.kek, rowsLeft: 0, keyring: [rotation.kek], isRotating: false)
                #expect(try await vault.keyStatus() == end)
            }
            try await bench.opened { try await bench.checkEverybody($0, $1) }
            if !crash.happened { break }
        }
        #expect(calls > 30, "too few calls to have met every step: \(calls)")
    }

    @Test("twice, and a third time, still comes to its end")
    func repeatedly() async throws {
        let bench = try await RotationBench(living: 12, erased: 4)
        for call in [4, 9, 14, 5, 11, 20, 2] { try await cutShort(bench, by: Interruption(at: call, .afterItTookEffect)) }
        try await bench.opened { (vault, store) async throws in
            let rotation = try await vault.rotate()
            #expect(try bench.keyring.kekIDs() == [rotation.kek])
            try await bench.checkEverybody(vault, store)
        }
    }

    /// A process that dies in the middle of a rotation.
    private func cutShort(_ bench: RotationBench, by crash: Interruption) async throws {
        let store = try SQLiteVaultStore.open(in: bench.data)
        let vault = try await Vault.open(
            store: InterruptedVaultStore(store, by: crash, pageLimit: Self.pageLimit),
            keyring: InterruptedKeyring(bench.keyring, by: crash), now: RotationBench.now, slabCapacity: 256)
        crash.arm()
        do {
            // The call that is cut short may also be the look at the vault's row that its last step sets off, which is nobody's to tell.
            _ = try await vault.rotate()
        } catch {
            #expect(crash.happened)
        }
        try store.close()
    }
}
