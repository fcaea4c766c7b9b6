import Synchronization
import VestigeCrypto

/// The vault's own secrets: the lookup key and the KEKs in use, and what is done with them. It knows rows, not stores.
final class KeyHandling: Sendable {
    let vault: Bytes16
    let keyring: any Keyring
    let lookupKey: SecretKey
    private let keks: Mutex<KEKs>
    private let current: Atomic<UInt32>

    private struct KEKs {
        var known: [UInt32: KeyEncryptionKey]
        /// Older ones are not kept: whoever comes late with a row from before a rotation may still read one from the keyring.
        var least: UInt32 = 0
    }

    /// The KEK under which new rows are wrapped.
    var currentKEK: UInt32 { current.load(ordering: .acquiring) }

    init(vault: Bytes16, lookupKey: consuming SecretKey, keyring: any Keyring, current: KeyEncryptionKey) {
        self.vault = vault
        self.lookupKey = lookupKey
        self.keyring = keyring
        keks = Mutex(KEKs(known: [current.id: current]))
        self.current = Atomic(current.id)
    }

    /// Unwraps the lookup key, which also shows that the keyring is the right one.
    convenience init(meta: VaultMeta, keyring: any Keyring) throws(VaultError) {
        guard let id = WrappedBytes.kek(meta.wrappedLookupKey) else { throw .rowDamaged("meta") }
        let kek = KeyEncryptionKey(id: id, key: try keyring.existing(id))
        let lookupKey: SecretKey
        do throws(CryptoError) {
            lookupKey = try SecretKey { (memory) throws(CryptoError) in
                try WrappedBytes.open(
                    meta.wrappedLookupKey, under: kek, aad: AssociatedData.lookupKey(vault: meta.vault, kek: id), into: memory)
            }
        } catch {
            throw error == .notAuthentic ? .wrongKEK(id: id) : .crypto(error)
        }
        self.init(vault: meta.vault, lookupKey: lookupKey, keyring: keyring, current: kek)
        if meta.currentKEK != id { try useKEK(meta.currentKEK) }
    }

    /// Makes `id` the KEK under which new rows are wrapped.
    func useKEK(_ id: UInt32) throws(VaultError) {
        _ = try kek(id)
        current.max(id, ordering: .acquiringAndReleasing)
    }

    /// Lets go of KEKs that no row needs any more; `meta` is what the vault says of itself now. A KEK that is not here is read when needed.
    func follow(_ meta: VaultMeta) {
        current.max(meta.currentKEK, ordering: .acquiringAndReleasing)
        keks.withLock { keks in
            keks.least = max(keks.least, meta.leastKEK)
            keks.known = keks.known.filter { [least = keks.least] in $0.key >= least }
        }
    }

    var inMemory: Set<UInt32> { keks.withLock { Set($0.known.keys) } }

    /// The lookup key under the KEK `id`.
    func wrappedLookupKey(under id: UInt32) throws(VaultError) -> [UInt8] {
        let kek = try kek(id)
        return lookupKey.withBytes { WrappedBytes.seal($0, under: kek, aad: AssociatedData.lookupKey(vault: vault, kek: id)) }
    }

    func name(_ subject: SubjectID, _ role: KeyRole) -> DirectoryKey {
        var input: [UInt8] = []
        input.reserveCapacity(21 + subject.type.utf8.count + subject.id.utf8.count)
        input.append(contentsOf: "vestige/lookup/v1".utf8)
        input.append(0)
        LengthPrefix.append(subject.type, to: &input)
        LengthPrefix.append(subject.id, to: &input)
        return DirectoryKey(lookup: KeyedHash.blake2b256(input, key: lookupKey), role: role)
    }

    /// A directory row that leads to `pseudonym`, under the current KEK.
    func directoryRow(_ name: DirectoryKey, leadingTo pseudonym: Pseudonym, locator: Bytes16) throws(VaultError) -> DirectoryRow {
        let kek = try kek(current.load(ordering: .acquiring))
        let sealed = pseudonym.withBytes { WrappedBytes.seal($0, under: kek, aad: AssociatedData.directory(name, kek: kek.id)) }
        return DirectoryRow(key: name, locator: locator, sealedPseudonym: sealed)
    }

    /// The key row of the key in `slot`, under the current KEK.
    func keyRow(
        _ pseudonym: Pseudonym, _ role: KeyRole, identity: Identity, slot: KeySlab.Slot, in slab: KeySlab
    ) throws(VaultError) -> KeyRow {
        let kek = try kek(current.load(ordering: .acquiring))
        let row = slab.withKey(slot) { key in
            KeyRow(
                pseudonym: pseudonym, role: role,
                wrappedKey: WrappedBytes.seal(key, under: kek, aad: AssociatedData.key(pseudonym, role, kek: kek.id)),
                identity: identity.sealed(under: key, pseudonym, role))
        }
        guard let row else { throw .unsettled }
        return row
    }

    /// - Throws: ``VaultError/rowDamaged(_:)``, ``VaultError/keyring(_:)``.
    func pseudonym(of row: DirectoryRow) throws(VaultError) -> Pseudonym {
        guard let id = row.kek else { throw .rowDamaged("directory") }
        let kek = try kek(id)
        var bytes = [UInt8](repeating: 0, count: Pseudonym.byteCount)
        let aad = AssociatedData.directory(row.key, kek: id)
        let opened: Void? = bytes.withUnsafeMutableBytes { try? WrappedBytes.open(row.sealedPseudonym, under: kek, aad: aad, into: $0) }
        guard opened != nil, let pseudonym = Pseudonym(bytes) else { throw .rowDamaged("directory") }
        return pseudonym
    }

    /// Unwraps the key of `row` into the slab; `nil` if the row has none any more.
    func load(_ row: KeyRow, into slab: KeySlab) throws(VaultError) -> KeySlab.Slot? {
        guard let wrapped = row.wrappedKey else { return nil }
        guard let id = row.kek else { throw .rowDamaged("key") }
        let kek = try kek(id)
        let aad = AssociatedData.key(row.pseudonym, row.role, kek: id)
        do throws(CryptoError) {
            return try slab.store { (memory) throws(CryptoError) in try WrappedBytes.open(wrapped, under: kek, aad: aad, into: memory) }
        } catch {
            if case .slabFull = error { throw .crypto(error) }
            throw .rowDamaged("key")
        }
    }

    /// - Throws: ``VaultError/kekMissing(id:)``, ``VaultError/keyring(_:)``.
    func kek(_ id: UInt32) throws(VaultError) -> KeyEncryptionKey {
        if let known = keks.withLock({ $0.known[id] }) { return known }
        let read = KeyEncryptionKey(id: id, key: try keyring.existing(id))
        return keks.withLock { keks in
            if let known = keks.known[id] { return known }
            if id >= keks.least { keks.known[id] = read }
            return read
        }
    }
}
