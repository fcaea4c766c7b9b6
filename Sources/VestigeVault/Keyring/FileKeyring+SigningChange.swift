public import VestigeCrypto

/// A change of the signing key, in steps that a crash may come between.
///
/// The key that is to come waits as `signing-0000000N.next`, which nothing signs with. It gets its name once the trail has taken it, and only
/// then do older ones of the same origin go. What records in spools and outboxes were made with before is kept for reading them.
extension FileKeyring {
    private static let waiting = ".next"

    /// The next key, made now unless one is waiting already. Durable on return.
    public func prepareSigningKey() throws(VaultError) -> SigningKey {
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            let origin = try origin()
            if try waitingNumber() == nil {
                let path = Self.path(directory, "signing", try nextSigningNumber(atLeast: 1)) + Self.waiting
                try PrivateFile.destroy(path + ".new")
                let seed = try crypto { () throws(CryptoError) in try SecretKey.random() }
                try Self.write(path + ".new", tag: KeyLine.signingTag, name: origin, secret: seed)
                try PrivateFile.rename(path + ".new", to: path)
            }
            // Also for one that was found: whoever made it may have been cut short before this.
            try PrivateFile.sync(directory: directory)
            guard let key = try preparedSigningKey() else {
                throw .keyring(.missing(path: "\(directory)/signing-*\(Self.waiting)"))
            }
            return key
        }
    }

    /// The key of the newest key's origin that waits, if one does.
    public func preparedSigningKey() throws(VaultError) -> SigningKey? { try preparedSigningKey(for: try origin()) }

    /// The same of an older trail's origin.
    public func preparedSigningKey(for origin: String) throws(VaultError) -> SigningKey? {
        try whileKeysChange { () throws(VaultError) in
            guard let number = try waitingNumber(for: origin) else { return nil }
            let seed = try withWaitingLine(number) { $0.take() }
            return try Self.signingKey(seed)
        }
    }

    /// The key that waits becomes the newest; nothing where none does. Durable on return.
    public func adoptPreparedSigningKey() throws(VaultError) {
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            guard let number = try waitingNumber() else { return }
            let path = Self.path(directory, "signing", number)
            try PrivateFile.rename(path + Self.waiting, to: path)
            try PrivateFile.sync(directory: directory)
        }
    }

    /// Destroys every signing key of the newest one's origin but that one. Keys of other origins, such as of a trail before a recovery, stay.
    public func retireSigningKeys() throws(VaultError) {
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            let origin = try origin()
            let old = try numbers(of: "signing").dropLast()
            var isChanged = false
            for number in old {
                // Where no name can be read any more, somebody was cut short in doing what is done here.
                let name = try signingOrigin(number)
                guard name == nil || name == origin else { continue }
                try PrivateFile.destroy(Self.path(directory, "signing", number))
                isChanged = true
            }
            if isChanged { try PrivateFile.sync(directory: directory) }
        }
    }

    private func waitingNumber() throws(VaultError) -> UInt32? { try waitingNumber(for: try origin()) }

    /// The highest, of those that follow the newest key of that origin.
    private func waitingNumber(for origin: String) throws(VaultError) -> UInt32? {
        for number in try waitingNumbers().reversed() {
            if try withWaitingLine(number, { $0.name }) == origin { return number }
        }
        return nil
    }

    private func withWaitingLine<R: ~Copyable>(_ number: UInt32, _ body: (consuming KeyLine) -> R) throws(VaultError) -> R {
        let path = Self.path(directory, "signing", number) + Self.waiting
        return try PrivateFile.withFirstLine(of: path) { (line) throws(VaultError) in
            guard let line = KeyLine(line, tag: KeyLine.signingTag) else {
                throw .keyring(.wrongFormat(path: path, expected: KeyLine.signingForm))
            }
            return body(line)
        }
    }

    func waitingNumbers() throws(VaultError) -> [UInt32] {
        try PrivateFile.names(in: directory, prefix: "signing-").compactMap { name -> UInt32? in
            guard name.hasSuffix(Self.waiting) else { return nil }
            let digits = name.dropFirst("signing-".utf8.count).dropLast(Self.waiting.utf8.count)
            return digits.utf8.count == 8 && digits.utf8.allSatisfy { (48...57).contains($0) } ? UInt32(digits) : nil
        }.sorted()
    }
}

/// What a signing key's records in spools and outboxes were made with.
public struct KeptSpoolKeys: ~Copyable {
    public let code: SecretKey
    public let cover: SecretKey

    public consuming func take<Outcome>(_ body: (consuming SecretKey, consuming SecretKey) throws -> Outcome) rethrows -> Outcome {
        try body(code, cover)
    }
}

extension FileKeyring {
    private static let spoolTag = "vestige-spool-v1"
    private static let coverTag = "vestige-cover-v1"

    /// Keeps what records in spools and outboxes of `trail` were made with before the signing key changed, in place of what was kept before.
    /// Durable on return.
    public func keepSpoolKeys(code: borrowing SecretKey, cover: borrowing SecretKey, of trail: Bytes16) throws(VaultError) {
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            try keep(code, "spool", Self.spoolTag, trail)
            try keep(cover, "cover", Self.coverTag, trail)
            try PrivateFile.sync(directory: directory)
        }
    }

    private func keep(_ key: borrowing SecretKey, _ kind: String, _ tag: String, _ trail: Bytes16) throws(VaultError) {
        let path = keptPath(kind, trail)
        try PrivateFile.destroy(path + ".new")
        try Self.write(path + ".new", tag: tag, name: trail.hex, secret: key)
        // What stands there is overwritten before it goes.
        try PrivateFile.destroy(path)
        try PrivateFile.rename(path + ".new", to: path)
    }

    /// What was kept for `trail`; `nil` if nothing was, or if what was kept is on its way out.
    public func keptSpoolKeys(of trail: Bytes16) throws(VaultError) -> KeptSpoolKeys? {
        do throws(VaultError) {
            let code = try kept("spool", Self.spoolTag, trail)
            return KeptSpoolKeys(code: code, cover: try kept("cover", Self.coverTag, trail))
        } catch .keyring(.missing) {
            return nil
        }
    }

    private func kept(_ kind: String, _ tag: String, _ trail: Bytes16) throws(VaultError) -> SecretKey {
        let path = keptPath(kind, trail)
        return try PrivateFile.withFirstLine(of: path) { (line) throws(VaultError) in
            guard let line = KeyLine(line, tag: tag), line.name == trail.hex else {
                throw .keyring(.wrongFormat(path: path, expected: "\(tag) <trail id> <base64 of 32 bytes>"))
            }
            return line.take()
        }
    }

    private func keptPath(_ kind: String, _ trail: Bytes16) -> String { "\(directory)/\(kind)-previous-\(trail.hex)" }
}
