import GRDB
import GRDBSQLite
import Glibc

extension SQLiteVaultStore {
    /// The name of a vault's file in its data directory.
    public static let fileName = "vault.sqlite"

    /// Copies the vault of a data directory into one new file, by VACUUM INTO: rows in the order of their random names, and nothing that was
    /// deleted, not even on free pages.
    ///
    /// One statement sees one moment. Who writes the vault meanwhile waits, so this takes the right length for a small file: about a second
    /// for 300,000 keys. The copy is not synced. If this throws, an unfinished file may stand there.
    ///
    /// - Parameter name: of a file that does not exist yet, in `target`; made with mode 0600.
    /// - Throws: ``SQLiteStoreError``
    public static func copy(in directory: String, to name: String, in target: String) throws {
        let path = target + "/" + name
        // SQLite would make it readable by all; an empty file is as good as none to it.
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? SQLiteStoreError.alreadyExists(file: name) : .system(operation: "creating \(name)", errno: errno)
        }
        Glibc.close(descriptor)
        // A connection of its own: those who only read the vault go on.
        let source = try VaultSchema.file.openReadOnly(in: directory, cacheByteCount: 1 << 20)
        try SQLiteStoreError.wrap {
            try source.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
            try source.close()
        }
        try checkCopy(name, in: target)
    }

    /// Every page and index of a copy; its schema and version too.
    private static func checkCopy(_ name: String, in directory: String) throws {
        let copy = try VaultSchema.file.named(name).openReadOnly(in: directory, cacheByteCount: 1 << 20)
        defer { try? copy.close() }
        let verdict = try SQLiteStoreError.wrap {
            try copy.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
        }
        guard verdict == "ok" else {
            throw SQLiteStoreError.foreignFile(
                "the copy of the vault is not sound; nothing was kept of it. Run `vestige verify`, and see that the disk is in order")
        }
    }

    /// Opens a copy of a vault under the name that it has; nothing in it is changed by opening.
    public static func open(_ name: String, in directory: String) throws -> SQLiteVaultStore {
        SQLiteVaultStore(try VaultSchema.file.named(name).open(in: directory, cacheByteCount: 1 << 20))
    }
}
