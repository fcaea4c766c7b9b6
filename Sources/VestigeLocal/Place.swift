import Foundation

/// Where a data directory and its keyring are.
public struct Place: Sendable, Equatable {
    /// Holds `trail.sqlite vault.sqlite desk.sqlite`, lock files, `spool/` and `archive/`.
    public let data: String
    /// Lives apart from the data: whoever has both can open everything.
    public let keyring: String

    /// - Parameter keyring: `<data>.keyring` beside the data directory if left out.
    public init(data: String, keyring: String? = nil) {
        var path = data
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.data = path
        self.keyring = keyring ?? path + ".keyring"
    }

    /// Nothing may stand where a new directory is to be made.
    func checkUnused() throws(LocalError) {
        let files = FileManager.default
        guard files.fileExists(atPath: data) else { return }
        guard let names = try? files.contentsOfDirectory(atPath: data) else {
            throw .unusable("\(data) is not a directory that can be read")
        }
        guard names.isEmpty else { throw .alreadyThere(data) }
    }

    func makeDirectories() throws(LocalError) {
        let files = FileManager.default
        do {
            for path in [data, data + "/spool", data + "/archive"] {
                try files.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
                try files.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
            }
        } catch {
            throw .unusable("\(data) cannot be created; check that its parent directory exists and may be written")
        }
    }

    /// - Parameter needsVault: false where the trail alone is worth looking at.
    func check(needsVault: Bool = true) throws(LocalError) {
        let files = FileManager.default
        guard files.fileExists(atPath: data) else { throw .missing(data) }
        guard !RecoveryFiles(place: self).isBegun else { throw .recoveryCutShort }
        guard files.fileExists(atPath: data + "/trail.sqlite") else { throw .missingTrail(data) }
        guard !needsVault || files.fileExists(atPath: data + "/vault.sqlite") else { throw .missingVault(data) }
    }
}
