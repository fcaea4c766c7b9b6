import Foundation
import TestSupport
import Testing
import VestigeCrypto

@testable import VestigeVault

@Suite struct KeyringTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "vestige-keyring-\(Bytes16.random())")
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: parent) }
        try body(parent.appending(path: "keyring").path)
    }

    private func setMode(_ mode: Int, _ path: String) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private func write(_ text: String, to path: String) {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
    }

    private func expect(_ problem: KeyringProblem, _ body: () throws -> Void) {
        #expect(throws: VaultError.keyring(problem)) { try body() }
    }

    private func bytes(_ keyring: any Keyring, _ id: UInt32 = 1) throws -> [UInt8] { try keyring.kek(id).withBytes { [UInt8]($0) } }

    @Test("a keyring is made with private modes and the formats of the design, and read back")
    func create() throws {
        try withDirectory { path in
            let made = try FileKeyring.create(directory: path, origin: "vestige.local/abc")
            #expect(try mode(path) == 0o700)
            for name in ["kek-00000001", "signing-00000001"] { #expect(try mode("\(path)/\(name)") == 0o600) }
            let line = try String(contentsOfFile: "\(path)/kek-00000001", encoding: .utf8)
            #expect(line == "vestige-kek-v1 00000001 \(Base64.encode(try bytes(made)))\n")
            let opened = try FileKeyring(directory: path)
            #expect(try opened.currentKEK() == 1)
            #expect(try opened.origin() == "vestige.local/abc")
            #expect(try opened.signingKey().publicKey == made.signingKey().publicKey)
            expect(.exists(path: path)) { _ = try FileKeyring.create(directory: path, origin: "x") }
        }
    }

    @Test("a keyring open to others is refused, and the message says which chmod")
    func modes() throws {
        try withDirectory { path in
            let keyring = try FileKeyring.create(directory: path, origin: "o")
            let file = "\(path)/kek-00000001"
            try setMode(0o640, file)
            expect(.openToOthers(path: file, mode: "0600")) { _ = try bytes(keyring) }
            #expect("\(KeyringProblem.openToOthers(path: file, mode: "0600"))".contains("chmod 0600 '\(file)'"))
            try setMode(0o600, file)
            try setMode(0o755, path)
            expect(.openToOthers(path: path, mode: "0700")) { _ = try FileKeyring(directory: path) }
            expect(.openToOthers(path: path, mode: "0700")) { _ = try bytes(keyring) }
        }
    }

    @Test("missing files, links, and other formats are refused by name")
    func formats() throws {
        try withDirectory { path in
            expect(.missing(path: path)) { _ = try FileKeyring(directory: path) }
            let keyring = try FileKeyring.create(directory: path, origin: "o")
            expect(.missing(path: "\(path)/kek-00000002")) { _ = try bytes(keyring, 2) }
            let file = "\(path)/kek-00000002"
            let good = try String(contentsOfFile: "\(path)/kek-00000001", encoding: .utf8)
            for bad in ["", "vestige-kek-v1 2", "vestige-kek-v2 2 AAAA", good, "vestige-kek-v1 2 c2hvcnQ=\n"] {
                write(bad, to: file)
                expect(.wrongFormat(path: file, expected: "vestige-kek-v1 <id> <base64 of 32 bytes>")) { _ = try bytes(keyring, 2) }
            }
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "\(path)/kek-00000001")
            expect(.notAFile(path: file)) { _ = try bytes(keyring, 2) }
            expect(.notADirectory(path: "\(path)/kek-00000001")) { _ = try FileKeyring(directory: "\(path)/kek-00000001") }
        }
    }

    @Test("the highest number is the current KEK; a decimal id without zeros is read too")
    func newest() throws {
        try withDirectory { path in
            let keyring = try FileKeyring.create(directory: path, origin: "o")
            let key = Randomness.bytes(32)
            write("vestige-kek-v1 12 \(Base64.encode(key))\n", to: "\(path)/kek-00000012")
            #expect(try keyring.currentKEK() == 12)
            #expect(try bytes(keyring, 12) == key)
        }
    }

    @Test("an origin that cannot stand in a signed note is refused", arguments: ["", "a b", "a+b", "a\nb"])
    func origins(_ origin: String) throws {
        try withDirectory { path in
            #expect(throws: VaultError.self) { _ = try FileKeyring.create(directory: path, origin: origin) }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("a command prints KEKs; the signing key comes from the directory")
    func command() throws {
        try withDirectory { path in
            let files = try FileKeyring.create(directory: path, origin: "o")
            let keyring = try CommandKeyring(command: ["/bin/cat", "\(path)/kek-00000001"], directory: path)
            #expect(try keyring.currentKEK() == 1)
            #expect(try bytes(keyring) == bytes(files))
            #expect(try keyring.signingKey().publicKey == files.signingKey().publicKey)
            #expect(throws: VaultError.self) { try bytes(keyring, 9) }
        }
    }

    @Test(
        "a command that fails, prints nothing or prints something else is refused",
        arguments: [["/bin/false"], ["/bin/true"], ["/bin/echo", "hello"], ["/nowhere/at/all"], ["cat"]])
    func badCommand(_ command: [String]) throws {
        try withDirectory { path in
            _ = try FileKeyring.create(directory: path, origin: "o")
            #expect(throws: VaultError.self) { _ = try CommandKeyring(command: command, directory: path).currentKEK() }
        }
    }

    @Test(
        "a command that does not end in its time is ended, whether it keeps its output open, closes it or goes on with a drop at a time",
        arguments: ["exec sleep 1000000", "exec >&-; exec sleep 1000000", "while :; do echo .; sleep 0.2; done"])
    func endless(_ script: String) {
        #expect(throws: VaultError.keyring(.commandFailed(program: "/bin/sh", reason: "it took over 1 s or printed too much"))) {
            _ = try KeyCommand.run(["/bin/sh", "-c", script], seconds: 1)
        }
    }

    @Test("what a command started goes with it when its time is over")
    func forked() async throws {
        let pipe = FileManager.default.temporaryDirectory.appending(path: "vestige-keyring-\(Bytes16.random())").path
        try #require(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        var buffer = [UInt8](repeating: 0, count: 64)
        var said: [UInt8] = []
        // However slow the machine is, one of them has its time to start another.
        for seconds: Int32 in [1, 5, 25, 125] where said.isEmpty {
            #expect(throws: VaultError.self) {
                _ = try KeyCommand.run(["/bin/sh", "-c", "exec 3>'\(pipe)'; sleep 1000000 & echo >&3; wait"], seconds: seconds)
            }
            let count = read(reader, &buffer, buffer.count)
            if count > 0 { said += buffer[..<count] }
        }
        #expect(!said.isEmpty, "it never started another")
        // The end comes when nobody is left who could write.
        #expect(try await eventually { read(reader, &buffer, buffer.count) == 0 })
    }

    @Test("a command inherits nothing that the host has open")
    func inherited() throws {
        let ends = try #require(openedPipe())
        defer { for end in ends { close(end) } }
        let output = try KeyCommand.run(["/bin/sh", "-c", "test -e /dev/fd/\(ends[1]) && echo open || echo closed"])
        #expect(String(decoding: output, as: UTF8.self) == "closed\n")
    }

    /// Not marked to be closed when a program begins.
    private func openedPipe() -> [Int32]? {
        var ends: [Int32] = [0, 0]
        return pipe(&ends) == 0 ? ends : nil
    }
}
