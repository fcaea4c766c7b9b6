import Foundation
import Synchronization
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeVault

@Suite("A copy of a vault")
struct VaultCopyTests {
    @Test("has every living person, opens with the same keyring, and holds no trace of those who were erased")
    func whole() async throws {
        let bench = try await RotationBench(living: 60)
        let traces = try await bench.opened { (vault, store) async throws in
            let erased = Array(bench.living.prefix(20))
            let rows = try await store.keys(erased.map(\.pseudonym)).compactMap { $0?.wrappedKey }
            for one in erased { try await RotationBench.erase(one.id, in: vault) }
            return rows.map { Data($0[29..<45]) }
        }
        #expect(traces.count == 20)
        let target = try bench.folder.fresh()
        try SQLiteVaultStore.copy(in: bench.data, to: "copy.sqlite", in: target)
        #expect(try FileManager.default.contentsOfDirectory(atPath: target) == ["copy.sqlite"])
        #expect(try FileManager.default.attributesOfItem(atPath: target + "/copy.sqlite")[.posixPermissions] as? Int == 0o600)
        let bytes = try Data(contentsOf: URL(filePath: target + "/copy.sqlite"))
        for trace in traces { #expect(bytes.range(of: trace) == nil) }
        let store = try SQLiteVaultStore.open("copy.sqlite", in: target)
        let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now, slabCapacity: 256)
        for one in bench.living.dropFirst(20) {
            #expect(try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
        }
        #expect(try await vault.counts() == (40, 20))
        try store.close()
        #expect(throws: SQLiteStoreError.alreadyExists(file: "copy.sqlite")) {
            try SQLiteVaultStore.copy(in: bench.data, to: "copy.sqlite", in: target)
        }
    }

    @Test("is of one moment beside two that mint and one that erases")
    func besideMinting() async throws {
        let bench = try await RotationBench(living: 40)
        let flag = Flag()
        let target = try bench.folder.fresh()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in 0..<2 {
                group.addTask {
                    try await bench.opened { (vault, _) async throws in
                        var number = 0
                        while !flag.isRaised.withLock({ $0 }), !Task.isCancelled {
                            let one = try await bench.admit("new-\(process)-\(number)", to: vault)
                            if process == 0 { try await RotationBench.erase(one.id, in: vault) }
                            number += 1
                        }
                    }
                }
            }
            for number in 0..<5 { try SQLiteVaultStore.copy(in: bench.data, to: "\(number).sqlite", in: target) }
            flag.isRaised.withLock { $0 = true }
            try await group.waitForAll()
        }
        for number in 0..<5 {
            let store = try SQLiteVaultStore.open("\(number).sqlite", in: target)
            let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now, slabCapacity: 256)
            // An erasure in its middle is finished, as after a crash.
            for ticket in try await vault.pendingErasures() {
                try await vault.destroyKeys(ticket, fenceUntil: 0)
                try await vault.probe(ticket)
                try await vault.finishErasure(ticket)
            }
            for one in bench.living {
                #expect(try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
            }
            try store.close()
        }
    }
}
