import Foundation

extension FileKeyring {
    /// Destroys every key of a keyring and then its directory: nothing that was sealed under them opens any more, wherever a copy of it lies.
    ///
    /// - Throws: ``VaultError/keyring(_:)``; what was destroyed so far is gone, and the same call goes on.
    package static func remove(directory: String) throws(VaultError) {
        try PrivateFile.checkDirectory(directory)
        for prefix in ["kek-", "signing-", "spool-previous-", "cover-previous-"] {
            for name in try PrivateFile.names(in: directory, prefix: prefix) { try PrivateFile.destroy(directory + "/" + name) }
        }
        try PrivateFile.sync(directory: directory)
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            throw .keyring(.unwritable(path: directory, errno: 0))
        }
    }
}
