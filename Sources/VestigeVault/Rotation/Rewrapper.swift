import VestigeCrypto

/// Opens rows under the KEK they are wrapped by and wraps what was in them under another one. Between the two, the secret lies in locked
/// memory only.
struct Rewrapper {
    private let keys: KeyHandling
    private let target: KeyEncryptionKey
    private let slab: KeySlab

    init(keys: KeyHandling, target: UInt32) throws(VaultError) {
        self.keys = keys
        self.target = try keys.kek(target)
        slab = try crypto { () throws(CryptoError) in try KeySlab(capacity: 1) }
    }

    /// What is to be written for the rows of `page` that are under an older KEK. Rows that do not open are counted and passed over.
    ///
    /// - Throws: ``VaultError/kekMissing(id:)``, ``VaultError/keyring(_:)``.
    func changes(of page: [WrappedRow], _ unreadable: inout Int) throws(VaultError) -> [Rewrapping] {
        var changes: [Rewrapping] = []
        for row in page {
            guard let old = row.wrapped else { continue }
            guard let id = row.kek else {
                unreadable += 1
                continue
            }
            guard id < target.id else { continue }
            let kek = try keys.kek(id)
            if let new = rewrap(old, of: row.name, from: kek) {
                changes.append(Rewrapping(name: row.name, old: old, new: new))
            } else {
                unreadable += 1
            }
        }
        return changes
    }

    private func rewrap(_ old: [UInt8], of name: WrappedName, from kek: KeyEncryptionKey) -> [UInt8]? {
        let count = old.count - WrappedBytes.overhead
        guard (0...SecretKey.byteCount).contains(count) else { return nil }
        let slot = try? slab.store { (memory) throws(CryptoError) in
            let secret = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
            try WrappedBytes.open(old, under: kek, aad: name.associatedData(kek: kek.id), into: secret)
        }
        guard let slot else { return nil }
        defer { slab.wipe(slot) }
        return slab.withKey(slot) { key in
            WrappedBytes.seal(
                UnsafeRawBufferPointer(rebasing: key[..<count]), under: target, aad: name.associatedData(kek: target.id))
        }
    }
}
