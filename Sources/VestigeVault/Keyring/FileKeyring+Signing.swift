public import VestigeCrypto

/// Signing keys of trails that one vault goes through: a recovery opens a new trail under a new key. The old one stays, for what was written
/// down under it.
extension FileKeyring {
    /// The newest signing key that signs under `origin`; `nil` if there is none.
    public func signingKey(for origin: String) throws(VaultError) -> SigningKey? {
        try whileKeysChange { () throws(VaultError) in
            for number in try numbers(of: "signing").reversed() {
                guard try signingOrigin(number) == origin else { continue }
                let seed = try withSigningLine(number) { $0.take() }
                return try Self.signingKey(seed)
            }
            return nil
        }
    }

    /// Under which name a signing key signs; `nil` for one that is destroyed.
    func signingOrigin(_ number: UInt32) throws(VaultError) -> String? {
        do throws(VaultError) {
            return try withSigningLine(number) { $0.name }
        } catch .keyring(.missing) {
            return nil
        }
    }

    /// Reads anew what another process destroyed, or gave its name, between a look at the directory and one into the file.
    func whileKeysChange<Outcome: ~Copyable>(_ read: () throws(VaultError) -> Outcome) throws(VaultError) -> Outcome {
        while true {
            let before = try signingNames()
            do throws(VaultError) {
                return try read()
            } catch .keyring(.missing(let path)) {
                guard try signingNames() != before else { throw .keyring(.missing(path: path)) }
            }
        }
    }

    private func signingNames() throws(VaultError) -> [String] { try PrivateFile.names(in: directory, prefix: "signing-").sorted() }

    /// The number that a further signing key gets.
    ///
    /// - Parameter least: at least this one, so that a key which was lost and is found again does not bear the number of another.
    public func nextSigningNumber(atLeast least: UInt32) throws(VaultError) -> UInt32 {
        // One that waits for a change of the key has its number already.
        max(least, (try (numbers(of: "signing") + waitingNumbers()).max() ?? 0) + 1)
    }

    /// Makes a signing key that is not in use yet, durable on return: `signing-00000002.new`. One staged before is destroyed.
    public func stageSigningKey(_ number: UInt32, origin: String) throws(VaultError) -> SigningKey {
        guard Self.isOrigin(origin) else { throw .keyring(.wrongFormat(path: directory, expected: KeyLine.signingForm)) }
        let path = Self.path(directory, "signing", number)
        return try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            try PrivateFile.destroy(path + ".new")
            let seed = try crypto { () throws(CryptoError) in try SecretKey.random() }
            try Self.write(path + ".new", tag: KeyLine.signingTag, name: origin, secret: seed)
            try PrivateFile.sync(directory: directory)
            return try Self.signingKey(seed)
        }
    }

    /// Puts a staged signing key into use; durable on return. Done before, it does nothing.
    public func adoptSigningKey(_ number: UInt32) throws(VaultError) {
        let path = Self.path(directory, "signing", number)
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            if try !numbers(of: "signing").contains(number) { try PrivateFile.rename(path + ".new", to: path) }
            try PrivateFile.sync(directory: directory)
        }
    }
}
