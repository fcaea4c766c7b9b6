import Foundation
import Testing
import VestigeCrypto
import VestigeVault

@Suite("A keyring in files is destroyed") struct KeyringRemovalTests {
    @Test("every key in it, kept ones and half-written ones too, is overwritten before its name goes")
    func overwritten() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "vestige-keyring-\(Bytes16.random())").path
        let seen = path + "-seen"
        defer {
            for directory in [path, seen] { try? FileManager.default.removeItem(atPath: directory) }
        }
        let keyring = try FileKeyring.create(directory: path, origin: "o")
        _ = try keyring.newKEK(after: 1)
        try keyring.keepSpoolKeys(code: try SecretKey.random(), cover: try SecretKey.random(), of: .random())
        let half = path + "/signing-00000002.new"
        try #require(FileManager.default.createFile(atPath: half, contents: Data("half".utf8), attributes: [.posixPermissions: 0o600]))
        // Second names for the same bytes show what became of them.
        try FileManager.default.createDirectory(atPath: seen, withIntermediateDirectories: false)
        var sizes: [String: Int] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            try FileManager.default.linkItem(atPath: "\(path)/\(name)", toPath: "\(seen)/\(name)")
            sizes[name] = try Data(contentsOf: URL(filePath: "\(seen)/\(name)")).count
        }
        for prefix in ["kek-00000001", "kek-00000002", "signing-00000001", "signing-00000002.new", "spool-previous-", "cover-previous-"] {
            #expect(sizes.keys.contains { $0.hasPrefix(prefix) }, "\(prefix)")
        }

        try FileKeyring.remove(directory: path)
        #expect(!FileManager.default.fileExists(atPath: path))
        for (name, size) in sizes {
            let bytes = try Data(contentsOf: URL(filePath: "\(seen)/\(name)"))
            #expect(size > 0 && bytes == Data(count: size), "\(name)")
        }
    }

    @Test("a directory that others may read is not touched")
    func foreign() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "vestige-keyring-\(Bytes16.random())").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try FileKeyring.create(directory: path, origin: "o")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        #expect(throws: VaultError.self) { try FileKeyring.remove(directory: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["kek-00000001", "signing-00000001"])
    }
}
