import Foundation
import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeTesting
import VestigeTrail

@Suite("vestige witness")
struct WitnessCommandTests {
    private static let hasCurl = ["/usr/bin/curl", "/bin/curl", "/usr/local/bin/curl"].contains(where: FileManager.default.isExecutableFile)

    private struct Status: Decodable {
        let vkey: String
        let size: UInt64
        let witnesses: [Standing]?

        struct Standing: Decodable {
            let name: String
            let size: UInt64
            let trouble: String?
        }
    }

    private func status(_ directory: String) async throws -> Status {
        let told = try await Program.shell("vestige status --json 2>/dev/null", in: directory)
        return try JSONDecoder().decode(Status.self, from: Data(told.output.utf8))
    }

    @Test(
        "the program submits over a real socket, keeps what is signed, and raises an alarm when its trail is not the one that was seen",
        .enabled(if: hasCurl, "there is no curl"))
    func submits() async throws {
        let scratch = try await Scratch.initialised()
        let directory = scratch.path
        let witness = InMemoryWitness(signingKey: try SigningKey.generate())
        try await WitnessServer.serve(witness) { url in
            let added = try await Program.shell("vestige witness add '\(witness.key)' \(url)", in: directory)
            #expect(added.exit == 0, "\(added.output)")

            let unknown = try await Program.shell("vestige witness submit", in: directory)
            #expect(unknown.exit == 1 && unknown.output.contains("does not know this trail"), "\(unknown.output)")

            witness.trust(try VerifierKey(try await self.status(directory).vkey))
            let before = try await Program.shell("cp -r vestige-data before; vestige witness submit --json", in: directory)
            #expect(before.exit == 0, "\(before.output)")
            #expect(before.output.contains("\"outcome\":\"cosigned\""))
            let status = try await self.status(directory)
            #expect(status.witnesses?.first?.size == status.size && status.witnesses?.first?.trouble == nil)
            #expect(witness.head(of: String(status.vkey.prefix { $0 != "+" }))?.size == status.size)

            let line = #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}"#
            let grown = try await Program.shell("vestige record >/dev/null && vestige witness submit", in: directory, input: line + "\n")
            #expect(grown.exit == 0, "\(grown.output)")
            #expect(try await Program.shell("vestige verify >/dev/null", in: directory).exit == 0)

            // The older copy goes on in its own way.
            let forked = try await Program.shell(
                "vestige record --data before --keyring vestige-data.keyring >/dev/null; "
                    + "vestige witness submit --data before --keyring vestige-data.keyring", in: directory,
                input: line.replacing("42", with: "43") + "\n" + line + "\n")
            #expect(forked.exit == 1, "\(forked.output)")
            #expect(forked.output.contains("error: the witness witness.example/w1 saw") && forked.output.contains("hint: keep data"))
            let told = try await Program.shell(
                "vestige status --data before --keyring vestige-data.keyring; "
                    + "vestige entries --data before --keyring vestige-data.keyring --action trail.witness_refused --purpose audit --format ndjson",
                in: directory)
            #expect(told.output.contains("witness witness.example/w1") && told.output.contains("\"reason\":"), "\(told.output)")
        }
        // Nobody listens there, whoever may have been given the other one's port by now.
        let reserved = try ReservedPort()
        let silent = WitnessKey(name: "w.example/silent", publicKey: try SigningKey.generate().publicKey)
        let gone = try await Program.shell(
            "vestige witness remove witness.example/w1 && vestige witness add '\(silent)' http://127.0.0.1:\(reserved.port) "
                + "&& vestige witness submit", in: scratch.path)
        #expect(gone.exit == 1 && gone.output.contains("was not reached: curl ended with status 7"), "\(gone.output)")
    }

    @Test(
        "an answer without an end is broken off at 64 KiB, and nothing of it comes to the disk",
        .enabled(if: hasCurl, "there is no curl"))
    func endless() async throws {
        let scratch = try await Scratch.initialised()
        let key = WitnessKey(name: "w.example/1", publicKey: try SigningKey.generate().publicKey)
        let pieces = Mutex(0)
        let count = { @Sendable in pieces.withLock { $0 += 1 } }
        try await WitnessServer.serve(pieces: 2_000, sent: count) { url in
            let asked = try await Program.shell(
                "ulimit -f 2048; vestige witness add '\(key)' \(url) >/dev/null && vestige witness submit", in: scratch.path)
            #expect(asked.exit == 1 && asked.output.contains("it answered with more than 65536 bytes"), "\(asked.output)")
        }
        // What two sockets hold between them, of 125 MiB.
        #expect(pieces.withLock { $0 } < 500)
    }

    @Test("a witness is added, listed and removed; nonsense is a usage error")
    func book() async throws {
        let scratch = try await Scratch.initialised()
        let key = WitnessKey(name: "w.example/1", publicKey: try SigningKey.generate().publicKey)
        let none = try await Program.shell("vestige witness list; vestige witness submit", in: scratch.path)
        #expect(none.exit == 1 && none.output.hasPrefix("no witnesses\nerror: no witness is known"), "\(none.output)")
        #expect(try await Program.shell("vestige witness add nonsense https://w.example", in: scratch.path).exit == 2)
        #expect(try await Program.shell("vestige witness add '\(key)' ftp://w.example", in: scratch.path).exit == 2)
        let added = try await Program.shell(
            "vestige witness add '\(key)' https://w.example/ && vestige witness list --json && vestige status | tail -1", in: scratch.path)
        #expect(added.output.contains(#""url":"https://w.example","size":0,"at":null,"trouble":null"#), "\(added.output)")
        #expect(added.output.hasSuffix("witness w.example/1  has cosigned nothing yet\n"), "\(added.output)")
        #expect(try await Program.shell("vestige witness add '\(key)' https://w.example", in: scratch.path).exit == 1)
        let removed = try await Program.shell("vestige witness remove w.example/1 && vestige witness list", in: scratch.path)
        #expect(removed.exit == 0 && removed.output.hasSuffix("no witnesses\n"), "\(removed.output)")
    }
}
