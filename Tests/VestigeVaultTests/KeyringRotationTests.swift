import Foundation
import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite("A keyring in files exchanges its key-encryption key") struct KeyringRotationTests {
    private let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "vestige-keyring-\(Bytes16.random())").path
        _ = try FileKeyring.create(directory: path, origin: "o")
    }

    private func withKeyring(_ body: (FileKeyring) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(FileKeyring(directory: path))
    }

    private func file(_ id: Int) -> String { path + String(format: "/kek-%08d", id) }
    private func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    private func write(_ bytes: Data, to path: String) {
        #expect(FileManager.default.createFile(atPath: path, contents: bytes, attributes: [.posixPermissions: 0o600]))
    }

    @Test("a new KEK has the next id, is private and random, and leaves no other file")
    func makes() throws {
        try withKeyring { (keyring) throws in
            #expect(try keyring.newKEK(after: 1) == 2)
            #expect(try keyring.kekIDs() == [1, 2] && keyring.currentKEK() == 2)
            #expect(try FileManager.default.attributesOfItem(atPath: file(2))[.posixPermissions] as? Int == 0o600)
            let keys = try [1, 2].map { id in try keyring.kek(id).withBytes { [UInt8]($0) } }
            #expect(keys[0] != keys[1])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["kek-00000001", "kek-00000002", "signing-00000001"])
        }
    }

    @Test("one that is there already is taken instead, unless it cannot be read")
    func takes() throws {
        try withKeyring { (keyring) throws in
            for _ in 0..<2 { #expect(try keyring.newKEK(after: 1) == 2) }
            write(Data("half a li".utf8), to: file(3))
            #expect(throws: VaultError.keyring(.wrongFormat(path: file(3), expected: "vestige-kek-v1 <id> <base64 of 32 bytes>"))) {
                try keyring.newKEK(after: 2)
            }
        }
    }

    @Test("what a crash left half written under its first name is written anew")
    func leftOver() throws {
        try withKeyring { (keyring) throws in
            write(Data("vestige-kek-v1 000".utf8), to: file(2) + ".new")
            #expect(try keyring.kekIDs() == [1])
            #expect(try keyring.newKEK(after: 1) == 2)
            _ = try keyring.kek(2)
            #expect(!FileManager.default.fileExists(atPath: file(2) + ".new"))
        }
    }

    @Test("a second KEK of an id that the vault knows is never made")
    func older() throws {
        try withKeyring { (keyring) throws in
            #expect(throws: VaultError.kekMissing(id: 2)) { try keyring.newKEK(after: 2) }
            #expect(try keyring.kekIDs() == [1])
        }
    }

    @Test("a destroyed KEK is overwritten before its name goes; the newest one is never destroyed")
    func destroys() throws {
        try withKeyring { (keyring) throws in
            #expect(throws: VaultError.keyring(.newest(path: file(1)))) { try keyring.destroyKEK(1) }
            _ = try keyring.newKEK(after: 1)
            // A second name for the same bytes shows what became of them.
            try FileManager.default.linkItem(atPath: file(1), toPath: path + "/witness")
            let count = try bytes(path + "/witness").count
            try keyring.destroyKEK(1)
            #expect(try bytes(path + "/witness") == Data(count: count))
            #expect(try keyring.kekIDs() == [2])
            try keyring.destroyKEK(1)
            #expect(throws: VaultError.keyring(.newest(path: file(2)))) { try keyring.destroyKEK(2) }
        }
    }

    @Test("a KEK whose destruction was cut short is destroyed again")
    func halfDestroyed() throws {
        try withKeyring { (keyring) throws in
            _ = try keyring.newKEK(after: 1)
            write(Data(count: 61), to: file(1))
            #expect(try keyring.kekIDs() == [1, 2])
            try keyring.destroyKEK(1)
            #expect(try keyring.kekIDs() == [2])
        }
    }

    @Test("what a kill left overwritten under its name is missing, and stops nobody who needs another key")
    func overwritten() throws {
        try withKeyring { (keyring) throws in
            let trail = Bytes16.random()
            try keyring.keepSpoolKeys(code: try SecretKey.random(), cover: try SecretKey.random(), of: trail)
            write(Data(count: 100), to: "\(path)/cover-previous-\(trail.hex)")
            #expect(try keyring.keptSpoolKeys(of: trail) == nil)
            try keyring.keepSpoolKeys(code: try SecretKey.random(), cover: try SecretKey.random(), of: trail)
            #expect(try keyring.keptSpoolKeys(of: trail) != nil)

            let old = "\(path)/signing-00000001"
            let next = try keyring.prepareSigningKey().publicKey
            try keyring.adoptPreparedSigningKey()
            write(Data(count: 100), to: old)
            #expect(try keyring.signingKey().publicKey == next)
            #expect(try keyring.signingKey(for: "o")?.publicKey == next)
            #expect(try keyring.signingKey(for: "another") == nil)
            try keyring.retireSigningKeys()
            #expect(!FileManager.default.fileExists(atPath: old))

            // The one that is needed is not passed over.
            write(Data(count: 100), to: "\(path)/signing-00000002")
            #expect(throws: VaultError.keyring(.missing(path: "\(path)/signing-00000002"))) { try keyring.signingKey() }
        }
    }

    @Test("many who ask for a new KEK at once get the same one")
    func concurrent() async throws {
        let keyring = try FileKeyring(directory: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let ids = try await withThrowingTaskGroup(of: UInt32.self) { group in
            for _ in 0..<16 { group.addTask { try keyring.newKEK(after: 1) } }
            return try await group.reduce(into: Set<UInt32>()) { $0.insert($1) }
        }
        #expect(ids == [2])
        #expect(try keyring.kekIDs() == [1, 2])
    }

    @Test("with a command the new KEK must be printed first, and the old one is the operator's to remove")
    func command() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let lines = path + "/printed"
        let files = try FileKeyring(directory: path)
        try FileManager.default.copyItem(atPath: file(1), toPath: lines)
        let keyring = try CommandKeyring(command: ["/bin/cat", lines], directory: path)
        let (store, clock) = (InMemoryVaultStore(), TestClock())
        let vault = try await Vault.create(store: store, keyring: keyring, trail: .random(), now: clock.now, slabCapacity: 64)
        let known = try await vault.admit(person("1"), as: .subject)
        let error = await #expect(throws: VaultError.self) { try await vault.rotate() }
        #expect(error == .keyring(.noNewKEK(program: "/bin/cat", current: 1)))
        #expect(error.map { "\($0)".contains("second line with a higher id") } == true)
        #expect(try await store.meta()?.currentKEK == 1)

        _ = try files.newKEK(after: 1)
        try (try bytes(file(1)) + bytes(file(2))).write(to: URL(filePath: lines))
        let rotation = try await vault.rotate()
        #expect(rotation.kek == 2 && rotation.destroyed.isEmpty && rotation.remaining == [1])
        let status = try await vault.keyStatus()
        #expect(status == KeyStatus(current: 2, least: 2, rowsLeft: 0, keyring: [1, 2], isRotating: false))

        try bytes(file(2)).write(to: URL(filePath: lines))
        let reopened = try await Vault.open(store: store, keyring: keyring, now: clock.now, slabCapacity: 64)
        #expect(try await reopened.admit(person("1"), as: .subject) == known)
        #expect(try await reopened.keyStatus().keyring == [2])
    }
}
