import Foundation
import Synchronization
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeVault

/// Somebody who has today's vault, today's keyring and every copy of the vault's file that was ever made.
@Suite("Copies of the vault from before the last rotation") struct OldCopiesTests {
    private static let value: [UInt8] = Array("ana@example.org".utf8)

    /// A copy of the vault's file, and who was erased when it was made.
    private struct Copy {
        let moment: String
        let directory: String
        let erased: Set<String>
    }

    private final class Copies: CallPost {
        private let bench: RotationBench
        private let made = Mutex<[Copy]>([])
        private let erased = Mutex<Set<String>>([])

        init(_ bench: RotationBench) { self.bench = bench }

        var all: [Copy] { made.withLock { $0 } }
        func note(erased id: String) { _ = erased.withLock { $0.insert(id) } }

        func make(_ moment: String) {
            let directory = bench.folder.file("copy-\(made.withLock { $0.count })")
            let files = FileManager.default
            do {
                try files.createDirectory(atPath: directory, withIntermediateDirectories: false)
                try files.copyItem(atPath: bench.data + "/vault.sqlite", toPath: directory + "/vault.sqlite")
            } catch { Issue.record(error) }
            made.withLock { $0.append(Copy(moment: moment, directory: directory, erased: erased.withLock { $0 })) }
        }

        private func isStep(_ call: String) -> Bool {
            ["raiseCurrentKEK", "rewrap", "raiseLeastKEK", "newKEK", "destroyKEK"].contains(String(call.prefix { $0 != "(" }))
        }

        func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result {
            let result = try await body()
            if isStep(call) { make("rotating, after \(call)") }
            return result
        }

        func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
            if isStep(call) { make("rotating, before \(call)") }
            return try body()
        }
    }

    private func rotate(_ bench: RotationBench, copying copies: Copies) async throws {
        let store = try SQLiteVaultStore.open(in: bench.data)
        let vault = try await Vault.open(
            store: InterruptedVaultStore(store, past: copies, pageLimit: 4), keyring: InterruptedKeyring(bench.keyring, past: copies),
            now: RotationBench.now, slabCapacity: 256)
        _ = try await vault.rotate()
        try store.close()
    }

    private func erase(_ id: String, _ bench: RotationBench, copying copies: Copies) async throws {
        try await bench.opened { (vault, _) async throws in
            let ticket = try #require(
                try await vault.beginErasure(
                    of: person(id), roles: [.subject, .acting], started: .random(), completed: .random(), erasure: .random()))
            copies.make("erasing, after the mark")
            try await vault.destroyKeys(ticket, fenceUntil: 90_000)
            copies.note(erased: id)
            copies.make("erasing, after the destruction")
            try await vault.finishErasure(ticket)
        }
        copies.make("after an erasure")
    }

    @Test("with today's vault and every KEK that is left, no id in any of them leads to a pseudonym, and no key of an erased person opens")
    func nothing() async throws {
        let bench = try await RotationBench(living: 8, erased: 2)
        try await bench.opened { (vault, _) async throws in
            for one in bench.living {
                try await vault.index(Self.value, for: person(one.id), field: "user.email")
                try await vault.link(person(one.id), SubjectID(type: "login", id: one.id))
            }
        }
        let copies = Copies(bench)
        copies.make("at first")
        try await erase("living-0", bench, copying: copies)
        try await rotate(bench, copying: copies)
        copies.make("between two rotations")
        try await erase("living-1", bench, copying: copies)
        let old = copies.all
        #expect(old.count > 15, "too few moments: \(old.map(\.moment))")
        try await rotate(bench, copying: copies)
        try await erase("living-2", bench, copying: copies)
        let during = copies.all.dropFirst(old.count)

        let today = try await bench.opened { (_, store) async throws in try #require(try await store.meta()) }
        let keks = try bench.keyring.kekIDs()
        #expect(keks == [3])
        for copy in old {
            let store = try SQLiteVaultStore.open(in: copy.directory)
            let current = try #require(try await store.meta()).currentKEK
            await #expect(throws: VaultError.kekMissing(id: current), "\(copy.moment)") {
                try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now)
            }
            // With today's lookup key in it, which finds the rows.
            _ = try await store.raiseCurrentKEK(to: today.currentKEK, wrappedLookupKey: today.wrappedLookupKey)
            let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now)
            for one in bench.living { #expect(try await found(one, bench.place, in: vault) == [], "\(copy.moment)") }
            try store.close()
            // And where its rows claim to be under a KEK that is left.
            for kek in keks {
                try Self.rename(to: kek, in: copy.directory + "/vault.sqlite")
                let store = try SQLiteVaultStore.open(in: copy.directory)
                let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now)
                for one in bench.living { #expect(try await found(one, bench.place, in: vault) == [], "\(copy.moment), renamed") }
                try store.close()
            }
        }
        // One made while the last rotation ran counts as made after it: whoever was erased before it is gone from it too.
        for copy in during {
            let store = try SQLiteVaultStore.open(in: copy.directory)
            _ = try await store.raiseCurrentKEK(to: today.currentKEK, wrappedLookupKey: today.wrappedLookupKey)
            let vault = try await Vault.open(store: store, keyring: bench.keyring, now: RotationBench.now)
            for one in bench.living where copy.erased.contains(one.id) {
                #expect(try await found(one, bench.place, in: vault) == [], "\(copy.moment)")
            }
            try store.close()
        }
        // The search finds what is there.
        try await bench.opened { (vault, _) async throws in
            #expect(try await found(bench.living[7], bench.place, in: vault).count == 8)
            for gone in bench.living.prefix(3) { #expect(try await found(gone, bench.place, in: vault) == []) }
        }
    }

    /// Every way from a person's ids, values and pseudonym to a pseudonym, a name or a plaintext.
    private func found(_ one: RotationBench.Living, _ place: SlotPlace, in vault: Vault) async throws -> [String] {
        var found: [String] = []
        func attempt(_ way: String, _ body: () async throws -> Bool) async {
            if (try? await body()) == true { found.append(way) }
        }
        for identifier in [try person(one.id), try SubjectID(type: "login", id: one.id)] {
            for role in [KeyRole.subject, .acting] {
                await attempt("\(identifier.type) as \(role)") {
                    if case .active = try await vault.standing(of: identifier, as: role) { true } else { false }
                }
            }
        }
        await attempt("identifiers") { try await !vault.identifiers(of: person(one.id)).isEmpty }
        await attempt("resolve") { try await vault.resolve(one.pseudonym) != nil }
        await attempt("value") { try await vault.find(field: "user.email", equals: Self.value).contains(person(one.id)) }
        await attempt("slot") {
            try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: place) == .plaintext([7])
        }
        return found
    }

    /// Somebody with an SQL prompt.
    private static func rename(to kek: UInt32, in file: String) throws {
        let id = String(format: "%08X", kek)
        for (table, column) in [("keys", "wrapped"), ("directory", "sealed"), ("blind_index", "sealed")] {
            try RawDatabase.execute(
                "UPDATE \(table) SET \(column) = CAST(x'01' || x'\(id)' || substr(\(column), 6) AS BLOB) WHERE \(column) IS NOT NULL",
                on: file)
        }
    }
}
