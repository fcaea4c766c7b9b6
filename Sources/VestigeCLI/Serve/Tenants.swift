import Foundation
import VestigeLocal

/// Data directories side by side in one directory, each with its keyring beside it (`acme`, `acme.keyring`).
struct Tenants {
    static let nameCharacterMax = 32

    let directory: String

    /// Names of the data directories, in alphabetical order.
    func names() throws(Failure) -> [String] {
        guard let found = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw .usage("\(directory) is no directory that can be read; nothing was done")
        }
        return found.filter { Self.isName($0) && FileManager.default.fileExists(atPath: "\(directory)/\($0)/trail.sqlite") }.sorted()
    }

    /// Makes the directory, readable by its owner only, where it is not there yet.
    func make() throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .refused("\(directory) could not be made; nothing was done")
        }
    }

    /// - Throws: ``Failure`` where the name is none.
    func place(of name: String) throws(Failure) -> Place {
        guard Self.isName(name) else {
            throw .usage(
                "a tenant's name has 1 to \(Self.nameCharacterMax) lower-case letters, digits and hyphens and begins with a letter; nothing was done"
            )
        }
        return Place(data: "\(directory)/\(name)")
    }

    static func isName(_ text: String) -> Bool {
        guard (1...nameCharacterMax).contains(text.utf8.count), let first = text.utf8.first, (97...122).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}
