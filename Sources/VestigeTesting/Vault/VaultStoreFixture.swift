import VestigeCrypto
import VestigeVault

/// Rows of the right shape with random content, and the one comparison that the rules use.
struct VaultStoreFixture: Sendable {
    struct Mismatch: Error {
        let found: String
    }

    let trail = Bytes16.random()
    let today = 20_000

    func expect(_ condition: Bool, _ found: @autoclosure () -> String) throws {
        guard condition else { throw Mismatch(found: found()) }
    }

    /// A store with its row about itself, current KEK 1.
    func begin(_ store: any VaultStore) async throws { try await store.create(meta()) }

    func meta(kek: UInt32 = 1) -> VaultMeta {
        VaultMeta(
            vault: .random(), wrappedLookupKey: wrapped(48, kek: kek), currentKEK: kek, leastKEK: kek, watermark: Watermark(trail: trail))
    }

    func wrapped(_ count: Int, kek: UInt32) -> [UInt8] {
        [1] + withUnsafeBytes(of: kek.bigEndian) { [UInt8]($0) } + Randomness.bytes(24 + count)
    }

    /// - Parameter locator: if left out a random one, or none for a record handle, which belongs to nobody yet.
    func person(_ role: KeyRole = .subject, locator: Bytes16? = nil, kek: UInt32 = 1) -> MintedKey {
        let locator = locator ?? (role == .recordHandle ? .zero : .random())
        let directory = DirectoryRow(
            key: DirectoryKey(lookup: .random(), role: role), locator: locator, sealedPseudonym: wrapped(32, kek: kek))
        let key = KeyRow(
            pseudonym: .random(), role: role, wrappedKey: wrapped(48, kek: kek), identity: [3] + Randomness.bytes(24 + 32 + 64 + 16))
        return MintedKey(directory: directory, key: role == .recordHandle ? nil : key)
    }

    func erasure(of people: MintedKey...) -> ErasureRow {
        let keys = people.compactMap(\.key).map { ErasedKey(role: $0.role, pseudonym: $0.pseudonym) }
        return ErasureRow(erasure: .random(), started: .random(), completed: .random(), keys: keys)
    }

    func row(of person: MintedKey, in store: any VaultStore) async throws -> KeyRow? {
        guard let pseudonym = person.key?.pseudonym else { return nil }
        return try await store.keys([pseudonym])[0]
    }

    func answer(for person: MintedKey, in store: any VaultStore) async throws -> DirectoryAnswer {
        try await store.directory([person.directory.key])[0]
    }
}
