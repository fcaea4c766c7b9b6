import Synchronization
public import VestigeCrypto
public import VestigeVault

/// A keyring of random keys that lives as long as the test.
public final class InMemoryKeyring: RotatingKeyring {
    fileprivate final class Key: Sendable {
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

    // MARK: Rotation

    public var destroysKEKs: Bool { true }

    public func kekIDs() throws(VaultError) -> [UInt32] { keks.withLock { $0.keys.sorted() } }

    public func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        let newest = try currentKEK()
        guard newest >= current else { throw .kekMissing(id: current) }
        guard newest == current else { return newest }
        let key: Key
        do throws(CryptoError) { key = try Key() } catch { throw .crypto(error) }
        return keks.withLock { keks in
            // Somebody else may have made one meanwhile.
            let newest = keks.keys.max() ?? current
            guard newest == current else { return newest }
            keks[current + 1] = key
            return current + 1
        }
    }

    public func destroyKEK(_ id: UInt32) throws(VaultError) {
        guard id < (try currentKEK()) else { throw .keyring(.newest(path: "in-memory KEK \(id)")) }
        keks.withLock { $0[id] = nil }
    }

    /// Loses a KEK, as if its file were gone.
    public func lose(_ id: UInt32) throws(VaultError) -> LostKEK {
        guard let key = keks.withLock({ $0.removeValue(forKey: id) }) else { throw .kekMissing(id: id) }
        return LostKEK(id: id, key: key)
    }

    /// Puts it back, as if from the sealed copy of the keyring.
    public func restore(_ lost: LostKEK) { keks.withLock { $0[lost.id] = lost.key } }

    public struct LostKEK: Sendable {
        fileprivate let id: UInt32
        fileprivate let key: Key
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
