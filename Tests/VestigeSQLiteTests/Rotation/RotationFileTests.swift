import Foundation
import Synchronization
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeVault

@Suite("A rotation in files") struct RotationFileTests {
    @Test("leaves no byte of what was under the old KEK in any file")
    func nothingLeft() async throws {
        let bench = try await RotationBench(living: 400, erased: 40)
        let old = Self.traces(of: try await bench.opened { (_, store) async throws in try await Self.everythingWrapped(store) })
        // Key and pseudonym of each person, the handle, the lookup key.
        let expected = 2 * (400 * 2 + 1 + 1)
        #expect(old.count == expected)
        let kek = try Data(contentsOf: URL(filePath: bench.folder.file("keyring/kek-00000001")))
        #expect(try Self.found(old, under: bench.folder.path) == old.count)
        try await bench.opened { (vault, store) async throws in
            _ = try await vault.rotate()
            #expect(try Self.found(old, under: bench.folder.path) == 0)
            try await bench.checkEverybody(vault, store)
        }
        #expect(try Self.found(old, under: bench.folder.path) == 0)
        #expect(try Self.found([kek.dropFirst(24).prefix(16)], under: bench.folder.path) == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.data) == ["vault.sqlite"])
        #expect(try RawDatabase.text("PRAGMA integrity_check", on: bench.data + "/vault.sqlite") == "ok")
    }

    private final class Tally: Sendable {
        let minting = Mutex(2)
        let minted = Mutex<[RotationBench.Living]>([])
        let rotations = Mutex(0)
    }

    @Test("goes on beside two others that mint 300 people: all of them open afterwards, each with one key", .timeLimit(.minutes(60)))
    func besideMinting() async throws {
        let bench = try await RotationBench(living: 300, erased: 20)
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for process in 0..<2 {
                group.addTask {
                    try await bench.opened { (vault, _) async throws in
                        for number in 0..<150 {
                            let one = try await bench.admit("minted-\(process)-\(number)", to: vault)
                            tally.minted.withLock { $0.append(one) }
                        }
                    }
                    tally.minting.withLock { $0 -= 1 }
                }
            }
            group.addTask {
                try await bench.opened { (vault, _) async throws in
                    repeat {
                        _ = try await vault.rotate()
                        tally.rotations.withLock { $0 += 1 }
                        // Whoever mints has a turn as well.
                        try await Task.sleep(for: .milliseconds(20))
                    } while tally.minting.withLock({ $0 > 0 })
                }
            }
            group.addTask {
                try await bench.opened { (vault, _) async throws in
                    for number in 0..<20 {
                        _ = try await bench.admit("passing-\(number)", to: vault)
                        try await RotationBench.erase("passing-\(number)", in: vault)
                    }
                }
            }
            try await group.waitForAll()
        }
        print("\(tally.rotations.withLock { $0 }) rotations beside the minting")
        try await bench.opened { (vault, _) async throws in
            for one in tally.minted.withLock({ $0 }) + bench.living {
                #expect(try await vault.standing(of: person(one.id), as: .subject) == .active(one.pseudonym))
                #expect(try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
            }
            for number in 0..<20 { #expect(try await vault.admit(person("passing-\(number)"), as: .subject) == .erased) }
            #expect(try await vault.counts() == (600, 40))
            let current = try await vault.keyStatus().current
            #expect(try bench.keyring.kekIDs() == [current])
        }
    }

    @Test(
        "makes every older copy of the vault worthless, copied file or backup: with today's vault and keyring no id in it leads to a pseudonym",
        arguments: [false, true])
    func oldCopies(isBackup: Bool) async throws {
        let bench = try await RotationBench(living: 8)
        var copies: [RotationBench] = []
        for number in 0..<3 {
            copies.append(try bench.copy())
            if isBackup, let copy = copies.last {
                try FileManager.default.removeItem(atPath: copy.data + "/vault.sqlite")
                try SQLiteVaultStore.copy(in: bench.data, to: "vault.sqlite", in: copy.data)
            }
            try await bench.opened { (vault, _) async throws in
                _ = try await vault.rotate()
                try await RotationBench.erase("living-\(number)", in: vault)
            }
        }
        let today = try await bench.opened { (_, store) async throws in try #require(try await store.meta()) }
        let keks = try bench.keyring.kekIDs()
        #expect(keks == [4])
        for (number, copy) in copies.enumerated() {
            // Whoever was erased before the copy was made is erased in it too.
            let known = bench.living.dropFirst(number)
            // The copy of the vault alone, beside today's keyring.
            try FileManager.default.removeItem(atPath: copy.folder.file("keyring"))
            try FileManager.default.copyItem(atPath: bench.folder.file("keyring"), toPath: copy.folder.file("keyring"))
            let store = try SQLiteVaultStore.open(in: copy.data)
            let meta = try #require(try await store.meta())
            await #expect(throws: VaultError.kekMissing(id: meta.currentKEK)) {
                try await Vault.open(store: store, keyring: copy.keyring, now: RotationBench.now)
            }
            // Today's lookup key finds the rows in it. None of them opens.
            _ = try await store.raiseCurrentKEK(to: today.currentKEK, wrappedLookupKey: today.wrappedLookupKey)
            let vault = try await Vault.open(store: store, keyring: copy.keyring, now: RotationBench.now)
            for one in known {
                await #expect(throws: VaultError.kekMissing(id: meta.currentKEK)) {
                    try await vault.standing(of: person(one.id), as: .subject)
                }
                await #expect(throws: VaultError.kekMissing(id: meta.currentKEK)) { try await vault.load(one.pseudonym, role: .subject) }
                await #expect(throws: VaultError.kekMissing(id: meta.currentKEK)) { try await vault.resolve(one.pseudonym) }
            }
            // Not even if it is said of the rows that they are under today's KEK.
            try store.close()
            try Self.rename(kek: meta.currentKEK, to: today.currentKEK, in: copy.data + "/vault.sqlite")
            try await copy.opened { (vault, _) async throws in
                for one in known {
                    await #expect(throws: VaultError.rowDamaged("directory")) { try await vault.standing(of: person(one.id), as: .subject) }
                    await #expect(throws: VaultError.rowDamaged("key")) { try await vault.load(one.pseudonym, role: .subject) }
                }
            }
        }
    }

    @Test("says which KEK is missing when the old one is lost in the middle")
    func lostInTheMiddle() async throws {
        let bench = try await RotationBench(living: 12)
        try await bench.opened { (_, store) async throws in
            let crash = Interruption(at: 7, .beforeItTakesEffect)
            let dying = try await Vault.open(
                store: InterruptedVaultStore(store, by: crash, pageLimit: 3), keyring: bench.keyring, now: RotationBench.now)
            crash.arm()
            _ = await #expect(throws: Interruption.CutShort.self) { try await dying.rotate() }
        }
        let (file, kept) = (bench.folder.file("keyring/kek-00000001"), bench.folder.file("kept"))
        try FileManager.default.moveItem(atPath: file, toPath: kept)
        try await bench.opened { (vault, _) async throws in
            _ = await #expect(throws: VaultError.kekMissing(id: 1)) { try await vault.rotate() }
        }
        try FileManager.default.moveItem(atPath: kept, toPath: file)
        try await bench.opened { (vault, store) async throws in
            #expect(try await vault.rotate().destroyed == [1])
            try await bench.checkEverybody(vault, store)
        }
    }

    // MARK: What stands in files

    private static func everythingWrapped(_ store: SQLiteVaultStore) async throws -> [[UInt8]] {
        var all = [try await store.meta()?.wrappedLookupKey].compactMap { $0 }
        for table in WrappedTable.allCases {
            var last: WrappedName?
            while true {
                let page = try await store.wrappedPage(of: table, after: last, limit: vaultBatchCountMax)
                guard let end = page.last else { break }
                all += page.compactMap(\.wrapped)
                last = end.name
            }
        }
        return all
    }

    /// Beginning and end of each ciphertext: a part is enough to be a trace.
    private static func traces(of wrapped: [[UInt8]]) -> [Data] {
        wrapped.flatMap { [Data($0[29..<45]), Data($0.suffix(16))] }
    }

    /// How many of `traces` stand in some file.
    private static func found(_ traces: [Data], under path: String) throws -> Int {
        var needles = Set(traces)
        var found = 0
        for case let name as String in FileManager.default.enumerator(atPath: path) ?? FileManager.DirectoryEnumerator() {
            guard let data = FileManager.default.contents(atPath: path + "/" + name), data.count >= 16 else { continue }
            for start in 0...(data.count - 16) where needles.remove(data[start..<start + 16]) != nil { found += 1 }
        }
        return found
    }

    /// Somebody with an SQL prompt, who drops the guards first.
    private static func rename(kek old: UInt32, to new: UInt32, in file: String) throws {
        let id = String(format: "%08X", new)
        for (table, column) in [("keys", "wrapped"), ("directory", "sealed")] {
            try RawDatabase.execute(
                "UPDATE \(table) SET \(column) = CAST(x'01' || x'\(id)' || substr(\(column), 6) AS BLOB) WHERE \(column) IS NOT NULL",
                on: file)
        }
    }
}
