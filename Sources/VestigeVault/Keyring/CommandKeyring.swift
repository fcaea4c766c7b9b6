public import VestigeCrypto

/// A keyring whose KEKs are printed by a program (a client of a KMS or a hardware module) as lines `vestige-kek-v1 <id> <base64>`.
///
/// The program is run without a shell, with no key in its arguments, each time that a KEK is asked for: what it printed is not kept here,
/// so that a KEK which it prints no longer is in nobody's memory. The signing key comes from a ``FileKeyring``.
public struct CommandKeyring: RotatingKeyring {
    private let command: [String]
    private let files: FileKeyring

    /// - Parameters:
    ///   - command: path of the program and its arguments; not empty.
    ///   - directory: the keyring's directory with the signing key.
    public init(command: [String], directory: String) throws(VaultError) {
        guard let program = command.first, program.hasPrefix("/") else {
            throw .keyring(.commandFailed(program: command.first ?? "the KEK command", reason: "an absolute path is needed"))
        }
        self.command = command
        files = try FileKeyring(directory: directory)
    }

    public func currentKEK() throws(VaultError) -> UInt32 {
        guard let newest = try kekIDs().last else { throw failure("it printed no \"\(KeyLine.kekForm)\" line") }
        return newest
    }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        guard let found = try printed().last(where: { $0.id == id }) else { throw failure("it printed no key \(id)") }
        return try crypto { () throws(CryptoError) in
            try SecretKey { (copy) throws(CryptoError) in found.key.withBytes { copy.copyMemory(from: $0) } }
        }
    }

    public func signingKey() throws(VaultError) -> SigningKey { try files.signingKey() }

    public func origin() throws(VaultError) -> String { try files.origin() }

    public var signingFiles: FileKeyring? { files }

    // MARK: Rotation

    public var destroysKEKs: Bool { false }

    public func kekIDs() throws(VaultError) -> [UInt32] { Set(try printed().map(\.id)).sorted() }

    /// - Throws: ``KeyringProblem/noNewKEK(program:current:)`` until the program prints one: making it is the operator's.
    public func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        let ids = try kekIDs()
        guard ids.contains(current) else { throw .kekMissing(id: current) }
        guard let newest = ids.last, newest > current else {
            throw .keyring(.noNewKEK(program: command.first ?? "", current: current))
        }
        return newest
    }

    public func destroyKEK(_ id: UInt32) throws(VaultError) { throw failure("its keys are the operator's to remove") }

    private func printed() throws(VaultError) -> [KeyEncryptionKey] {
        var output = try KeyCommand.run(command)
        defer { Memory.wipe(&output) }
        let keys = output.withUnsafeBytes { bytes -> [KeyEncryptionKey]? in
            var keys: [KeyEncryptionKey] = []
            for line in bytes.split(separator: 10) {
                guard let line = KeyLine(UnsafeRawBufferPointer(rebasing: line), tag: KeyLine.kekTag), let id = line.number else {
                    return nil
                }
                keys.append(KeyEncryptionKey(id: id, key: line.take()))
            }
            return keys
        }
        guard let keys else { throw failure("a line is not of the form \"\(KeyLine.kekForm)\"") }
        return keys
    }

    private func failure(_ reason: String) -> VaultError { .keyring(.commandFailed(program: command.first ?? "", reason: reason)) }
}
