import Synchronization
public import VestigeCrypto

/// A keyring whose KEKs are printed by a program (a client of a KMS or a hardware module) as lines `vestige-kek-v1 <id> <base64>`.
///
/// The program is run without a shell, with no key in its arguments. The signing key comes from a ``FileKeyring``.
public final class CommandKeyring: Keyring {
    private let command: [String]
    private let files: FileKeyring
    /// Printed keys by id, so that a vault with keys under two KEKs runs the program once.
    private let printed = Mutex<[UInt32: KeyEncryptionKey]>([:])

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
        try refresh(unless: { !$0.isEmpty })
        guard let newest = printed.withLock({ $0.keys.max() }) else { throw failure("it printed no \"\(KeyLine.kekForm)\" line") }
        return newest
    }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        try refresh(unless: { $0[id] != nil })
        guard let found = printed.withLock({ $0[id] }) else { throw failure("it printed no key \(id)") }
        return try crypto { () throws(CryptoError) in
            try SecretKey { (copy) throws(CryptoError) in found.key.withBytes { copy.copyMemory(from: $0) } }
        }
    }

    public func signingKey() throws(VaultError) -> SigningKey { try files.signingKey() }

    public func origin() throws(VaultError) -> String { try files.origin() }

    private func refresh(unless enough: ([UInt32: KeyEncryptionKey]) -> Bool) throws(VaultError) {
        if printed.withLock({ enough($0) }) { return }
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
        printed.withLock { printed in
            for key in keys { printed[key.id] = key }
        }
    }

    private func failure(_ reason: String) -> VaultError { .keyring(.commandFailed(program: command.first ?? "", reason: reason)) }
}
