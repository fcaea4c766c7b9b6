import Foundation
import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTesting
import VestigeVault

func person(_ id: String) throws -> SubjectID { try SubjectID(type: "user", id: id) }

/// A vault in a file with a keyring in files: living people with something sealed, erased ones, and one whose erasure is under way.
struct RotationBench {
    static let now: @Sendable () -> Int64 = { 1_760_000_000_000_000 }

    struct Living {
        let id: String
        let pseudonym: Pseudonym
        let slot: [UInt8]
    }

    let folder: TemporaryDirectory
    let place: SlotPlace
    private(set) var living: [Living] = []
    private(set) var erased: [(id: String, pseudonym: Pseudonym, slot: [UInt8])] = []
    private(set) var handle: Bytes16?

    var keyring: FileKeyring { get throws { try FileKeyring(directory: folder.file("keyring")) } }
    var data: String { folder.file("data") }

    init(living livingCount: Int, erased erasedCount: Int = 0) async throws {
        folder = try TemporaryDirectory()
        place = SlotPlace(trail: .random(), entry: .random(), slot: 0)
        try FileManager.default.createDirectory(atPath: folder.file("data"), withIntermediateDirectories: false)
        let store = try SQLiteVaultStore.create(in: folder.file("data"))
        let vault = try await Vault.create(
            store: store, keyring: FileKeyring.create(directory: folder.file("keyring"), origin: "o"), trail: place.trail, now: Self.now,
            slabCapacity: 256)
        for number in 0..<livingCount { living.append(try await admit("living-\(number)", to: vault)) }
        for number in 0..<erasedCount {
            let one = try await admit("erased-\(number)", to: vault)
            try await Self.erase(one.id, in: vault)
            erased.append((one.id, one.pseudonym, one.slot))
        }
        handle = try await vault.handle(forRecord: "note", id: "1", of: person("living-0"))
        try store.close()
    }

    func admit(_ id: String, to vault: Vault) async throws -> Living {
        guard case .active(let pseudonym) = try await vault.admit(person(id), as: .subject) else { throw VaultError.unknownPseudonym }
        return Living(id: id, pseudonym: pseudonym, slot: try vault.seal([7], under: pseudonym, role: .subject, at: place))
    }

    static func erase(_ id: String, in vault: Vault) async throws {
        guard
            let ticket = try await vault.beginErasure(
                of: person(id), roles: [.subject], started: .random(), completed: .random(), erasure: .random())
        else { throw VaultError.unknownPseudonym }
        try await vault.destroyKeys(ticket, fenceUntil: Int(now() / 86_400_000_000) + 90)
        try await vault.probe(ticket)
        try await vault.finishErasure(ticket)
    }

    /// Another directory with the same files.
    func copy() throws -> RotationBench {
        let copy = RotationBench(self, in: try TemporaryDirectory())
        for name in ["data", "keyring"] { try FileManager.default.copyItem(atPath: folder.file(name), toPath: copy.folder.file(name)) }
        return copy
    }

    private init(_ bench: RotationBench, in folder: TemporaryDirectory) {
        self.folder = folder
        place = bench.place
        living = bench.living
        erased = bench.erased
        handle = bench.handle
    }

    /// A process that starts: opens store, keyring and vault anew.
    func opened<Result>(_ body: (Vault, SQLiteVaultStore) async throws -> Result) async throws -> Result {
        let store = try SQLiteVaultStore.open(in: data)
        let vault = try await Vault.open(store: store, keyring: keyring, now: Self.now, slabCapacity: 256)
        let result = try await body(vault, store)
        try store.close()
        return result
    }

    /// Every living person opens under the same pseudonym, every erased one is erased, and nobody has a second key.
    func checkEverybody(_ vault: Vault, _ store: SQLiteVaultStore) async throws {
        for one in living {
            #expect(try await vault.admit(person(one.id), as: .subject) == .active(one.pseudonym))
            #expect(try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: place) == .plaintext([7]))
        }
        for one in erased {
            #expect(try await vault.admit(person(one.id), as: .subject) == .erased)
            #expect(try await vault.open(one.slot, under: one.pseudonym, role: .subject, at: place) == .erased)
        }
        #expect(try await vault.handle(forRecord: "note", id: "1", of: person("living-0")) == handle)
        #expect(try await vault.counts() == (living.count, erased.count))
    }

    /// Every id of a KEK that wraps anything in the vault.
    func keksInUse(_ store: SQLiteVaultStore) async throws -> Set<UInt32> {
        var found: Set<UInt32> = []
        for table in WrappedTable.allCases {
            found.formUnion(try await store.wrappedPage(of: table, after: nil, limit: vaultBatchCountMax).compactMap(\.kek))
        }
        return found
    }
}
