public import VestigeCrypto

/// A keyring in a directory of mode 0700: files `kek-00000001` and `signing-00000001` of mode 0600, numbered upwards; the highest is current.
public struct FileKeyring: RotatingKeyring {
    public let directory: String

    /// Opens a keyring; the keys are read when they are asked for.
    ///
    /// - Throws: ``VaultError/keyring(_:)`` if the directory is missing, not ours, or open to others.
    public init(directory: String) throws(VaultError) {
        try PrivateFile.checkDirectory(directory)
        self.directory = directory
    }

    /// Makes the directory with one random KEK and one random signing key, durable on return.
    ///
    /// - Parameter origin: the trail's name, for example `vestige.local/<trail id>`: no spaces, no `+`, not empty.
    /// - Throws: ``VaultError/keyring(_:)`` if the directory exists or cannot be written.
    public static func create(directory: String, origin: String) throws(VaultError) -> FileKeyring {
        guard isOrigin(origin) else { throw .keyring(.wrongFormat(path: directory, expected: KeyLine.signingForm)) }
        try crypto { () throws(CryptoError) in try Sodium.start() }
        try PrivateFile.makeDirectory(directory)
        let kek = try crypto { () throws(CryptoError) in try SecretKey.random() }
        try write(path(directory, "kek", 1), tag: KeyLine.kekTag, name: number(1), secret: kek)
        let seed = try crypto { () throws(CryptoError) in try SecretKey.random() }
        try write(path(directory, "signing", 1), tag: KeyLine.signingTag, name: origin, secret: seed)
        try PrivateFile.sync(directory: directory)
        return try FileKeyring(directory: directory)
    }

    public func currentKEK() throws(VaultError) -> UInt32 { try newest("kek", form: KeyLine.kekForm) }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        try PrivateFile.checkDirectory(directory)
        let path = Self.path(directory, "kek", id)
        return try PrivateFile.withFirstLine(of: path) { (line) throws(VaultError) in
            guard let line = KeyLine(line, tag: KeyLine.kekTag), line.number == id else {
                throw .keyring(.wrongFormat(path: path, expected: KeyLine.kekForm))
            }
            return line.take()
        }
    }

    public func signingKey() throws(VaultError) -> SigningKey {
        let seed = try withSigningLine { $0.take() }
        return try Self.signingKey(seed)
    }

    static func signingKey(_ seed: consuming SecretKey) throws(VaultError) -> SigningKey {
        do throws(CryptoError) {
            return try SigningKey(seed: seed)
        } catch {
            throw .crypto(error)
        }
    }

    public func origin() throws(VaultError) -> String { try withSigningLine { $0.name } }

    public var signingFiles: FileKeyring? { self }

    private func withSigningLine<R: ~Copyable>(_ body: (consuming KeyLine) -> R) throws(VaultError) -> R {
        try whileKeysChange { () throws(VaultError) in try withSigningLine(try newest("signing", form: KeyLine.signingForm), body) }
    }

    func withSigningLine<R: ~Copyable>(_ number: UInt32, _ body: (consuming KeyLine) -> R) throws(VaultError) -> R {
        try PrivateFile.checkDirectory(directory)
        let path = Self.path(directory, "signing", number)
        return try PrivateFile.withFirstLine(of: path) { (line) throws(VaultError) in
            guard let line = KeyLine(line, tag: KeyLine.signingTag), Self.isOrigin(line.name) else {
                throw .keyring(.wrongFormat(path: path, expected: KeyLine.signingForm))
            }
            return body(line)
        }
    }

    private func newest(_ kind: String, form: String) throws(VaultError) -> UInt32 {
        guard let newest = try numbers(of: kind).last else { throw .keyring(.missing(path: Self.path(directory, kind, 1))) }
        return newest
    }

    func numbers(of kind: String) throws(VaultError) -> [UInt32] {
        try PrivateFile.checkDirectory(directory)
        return try PrivateFile.names(in: directory, prefix: kind + "-").compactMap { name -> UInt32? in
            let digits = name.dropFirst(kind.utf8.count + 1)
            return digits.utf8.count == 8 && digits.utf8.allSatisfy { (48...57).contains($0) } ? UInt32(digits) : nil
        }.sorted()
    }

    // MARK: Rotation

    public var destroysKEKs: Bool { true }

    public func kekIDs() throws(VaultError) -> [UInt32] { try numbers(of: "kek") }

    public func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            let newest = try currentKEK()
            guard newest >= current else { throw .kekMissing(id: current) }
            if newest > current {
                _ = try kek(newest)  // what cannot be read must not become current
            } else {
                try makeKEK(newest + 1)
            }
            // Also for one that was found: whoever made it may have been cut short before this.
            try PrivateFile.sync(directory: directory)
            return try currentKEK()
        }
    }

    /// Under another name first, so that no half-written file ever bears a key's name.
    private func makeKEK(_ id: UInt32) throws(VaultError) {
        let path = Self.path(directory, "kek", id)
        try PrivateFile.destroy(path + ".new")
        let kek = try crypto { () throws(CryptoError) in try SecretKey.random() }
        try Self.write(path + ".new", tag: KeyLine.kekTag, name: Self.number(id), secret: kek)
        try PrivateFile.rename(path + ".new", to: path)
    }

    public func destroyKEK(_ id: UInt32) throws(VaultError) {
        let path = Self.path(directory, "kek", id)
        try PrivateFile.locking(directory: directory) { () throws(VaultError) in
            guard id < (try currentKEK()) else { throw .keyring(.newest(path: path)) }
            try PrivateFile.destroy(path)
            try PrivateFile.sync(directory: directory)
        }
    }

    static func write(_ path: String, tag: String, name: String, secret: borrowing SecretKey) throws(VaultError) {
        let result = KeyLine.compose(tag: tag, name: name, secret: secret) { line in
            Result<Void, VaultError> { () throws(VaultError) in try PrivateFile.write(line, to: path) }
        }
        try result.get()
    }

    /// Names that a signed note can bear: no white space, no plus sign.
    static func isOrigin(_ text: String) -> Bool {
        !text.isEmpty && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 32 }
    }

    static func path(_ directory: String, _ kind: String, _ id: UInt32) -> String { "\(directory)/\(kind)-\(number(id))" }

    private static func number(_ id: UInt32) -> String {
        let digits = String(id)
        return String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
    }
}

/// Turns an error of the crypto module into one of ours.
func crypto<R: ~Copyable>(_ body: () throws(CryptoError) -> R) throws(VaultError) -> R {
    do throws(CryptoError) {
        return try body()
    } catch {
        throw .crypto(error)
    }
}
