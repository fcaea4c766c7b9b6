import Foundation
import TestSupport
import VestigeCrypto
import VestigeLocal
import VestigeSQLite

@testable import VestigeVault

extension RunningProgram {
    /// `vestige record` with a look recorded, waiting for its next line: an idle process that holds the vault open and the keys in memory.
    static func heldOpen(in directory: String, lookingAt id: String) async throws -> RunningProgram {
        let program = try await start("vestige record --data vestige-data", in: directory)
        program.write(
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"\#(id)"},"purpose":"support"}"# + "\n")
        // The receipt says that the key is in memory.
        guard await program.nextLine()?.contains("recorded") == true else { throw Unexpected("no receipt") }
        return program
    }
}

/// Looks for a person's key in the memory of processes. The key itself is never in the memory of the one who asks: it is opened into
/// locked memory that is wiped, and kept masked.
struct KeySearch {
    private static let mask: UInt8 = 0xA5
    private let needle: String

    init(_ subject: SubjectID, _ role: KeyRole, in vestige: LocalVestige) async throws {
        let store = try SQLiteVaultStore.open(in: vestige.place.data)
        defer { try? store.close() }
        guard case .active(let pseudonym) = try await vestige.vault.standing(of: subject, as: role),
            let row = try await store.keys([pseudonym])[0], let wrapped = row.wrappedKey, let id = row.kek
        else { throw Unexpected("no key") }
        let kek = KeyEncryptionKey(id: id, key: try FileKeyring(directory: vestige.place.keyring).kek(id))
        let key = try SecretKey { (memory) throws(CryptoError) in
            try WrappedBytes.open(wrapped, under: kek, aad: AssociatedData.key(pseudonym, role, kek: id), into: memory)
        }
        needle = key.withBytes { $0.map { String(format: "%02x", $0 ^ Self.mask) }.joined() }
    }

    /// A key-encryption key.
    init(kek id: UInt32, in keyring: String) throws {
        needle = try FileKeyring(directory: keyring).kek(id).withBytes { $0.map { String(format: "%02x", $0 ^ Self.mask) }.joined() }
    }

    /// How often the key stands in the memory of a process; `nil` where that cannot be read here.
    func count(in pid: Int32) async throws -> Int? {
        let script = Checkout.path("Tests/VestigeCLITests/search_memory.py")
        let found = try await Program.shell("python3 '\(script)' \(pid) \(needle)", in: "/")
        guard found.exit == 0 else { return nil }
        return Int(found.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Whether a process may read another one's memory here, and there is a Python to do it with.
    static func isPossible() async -> Bool {
        let script = Checkout.path("Tests/VestigeCLITests/search_memory.py")
        let zeros = String(repeating: "00", count: 32)
        return (try? await Program.shell("python3 '\(script)' \(getpid()) \(zeros)", in: "/").exit) == 0
    }
}
