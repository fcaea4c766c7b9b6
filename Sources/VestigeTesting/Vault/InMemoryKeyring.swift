import Synchronization
public import VestigeCrypto
public import VestigeVault

/// A keyring of random keys that lives as long as the test.
public final class InMemoryKeyring: Keyring {
    private final class Key: Sendable {
        let secret: SecretKey
        init() throws(CryptoError) { secret = try SecretKey.random() }

        func copy() throws(VaultError) -> SecretKey {
            do throws(CryptoError) {
                return try SecretKey { (memory) throws(CryptoError) in secret.withBytes { memory.copyMemory(from: $0) } }
            } catch {
                throw .crypto(error)
            }
        }
    }

    private let name: String
    private let seed: Key
    private let keks: Mutex<[UInt32: Key]>

    public init(origin: String = "vestige.test/memory") throws {
        try Sodium.start()
        name = origin
        seed = try Key()
        keks = Mutex([1: try Key()])
    }

    /// Adds a KEK with the next id, which becomes the current one.
    public func addKEK() throws {
        let key = try Key()
        keks.withLock { keks in keks[(keks.keys.max() ?? 0) + 1] = key }
    }

    public func currentKEK() throws(VaultError) -> UInt32 { keks.withLock { $0.keys.max() ?? 1 } }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        guard let key = keks.withLock({ $0[id] }) else { throw .keyring(.missing(path: "in-memory KEK \(id)")) }
        return try key.copy()
    }

    public func signingKey() throws(VaultError) -> SigningKey {
        do throws(CryptoError) {
            return try SigningKey(seed: SecretKey { (memory) throws(CryptoError) in seed.secret.withBytes { memory.copyMemory(from: $0) } })
        } catch {
            throw .crypto(error)
        }
    }

    public func origin() throws(VaultError) -> String { name }
}
