import Foundation
import TestSupport
import Testing

@Suite("vestige certificate")
struct CertificateTests {
    private static let looks = """
        {"event":"read","actor":{"type":"user","id":"7","name":"Ana Lima"},"record":{"type":"user","id":"zylber-4242"},"purpose":"support"}
        {"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"4343"},"purpose":"support"}

        """

    /// Two people become known; gives the trail's verifier key.
    private func prepare(_ directory: String) async throws -> String {
        let recorded = try await Program.shell("vestige record", in: directory, input: Self.looks)
        #expect(recorded.exit == 0, "\(recorded.output)")
        let status = try await Program.shell("vestige status --json", in: directory)
        return String(try #require(try #/"vkey":"([^"]+)"/#.firstMatch(in: status.output)?.1))
    }

    private static let erase = "vestige erase user/zylber-4242 --case 2026-117 --role subject --purpose audit --yes"

    @Test("an erasure prints one and writes it; it verifies in an empty directory, with the key alone")
    func offline() async throws {
        let scratch = try await Scratch.initialised()
        let key = try await prepare(scratch.path)
        let erased = try await Program.shell(Self.erase + " --certificate certificate.json", in: scratch.path)
        #expect(erased.exit == 0)
        for words in [
            "keys destroyed   subject", "CERTIFICATE OF ERASURE", "2026-117",
            "XChaCha20-Poly1305, 256 bit, wrapped under key-encryption key 1",
        ] {
            #expect(erased.output.contains(words), "\(words) in:\n\(erased.output)")
        }
        // The id has letters that no hash has.
        #expect(!erased.output.contains("zylber"))
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path + "/certificate.json")[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let empty = try Scratch()
        try FileManager.default.moveItem(atPath: scratch.path + "/certificate.json", toPath: empty.path + "/c.json")
        let verify = "vestige certificate verify c.json --key '\(key)'"
        let intact = try await Program.shell(verify, in: empty.path)
        #expect(intact.exit == 0 && intact.output.contains("verdict     intact") && intact.output.contains("CERTIFICATE OF ERASURE"))
        let json = try await Program.shell(verify + " --json", in: empty.path)
        #expect(json.exit == 0 && json.output.hasPrefix("{\"verdict\":\"intact\"") && json.output.contains("\"case\":\"2026-117\""))
        #expect(try FileManager.default.contentsOfDirectory(atPath: empty.path) == ["c.json"])

        let text = try String(contentsOfFile: empty.path + "/c.json", encoding: .utf8)
        try text.replacing("\"case\":\"2026-117\"", with: "\"case\":\"2026-118\"").write(
            toFile: empty.path + "/c.json", atomically: true, encoding: .utf8)
        let altered = try await Program.shell(verify, in: empty.path)
        #expect(
            altered.exit == 1 && altered.output.contains("verdict  broken")
                && altered.output.contains("\"case\" is not what body and entry say"))
        #expect(!altered.output.contains("CERTIFICATE OF ERASURE"))
        #expect(try await Program.shell(verify + " --json", in: empty.path).output.contains("\"findings\":[{\"kind\":\"file\""))
        for wrong in [
            "verify c.json --key nonsense", "verify none.json --key '\(key)'", "verify c.json", "show", "show x --purpose audit",
            "show x --case y",
        ] {
            #expect(try await Program.shell("vestige certificate \(wrong)", in: empty.path).exit == 2, "\(wrong)")
        }
    }

    @Test("--json gives the file itself; a file that is there is not written over, and nothing is erased then")
    func files() async throws {
        let scratch = try await Scratch.initialised()
        let key = try await prepare(scratch.path)
        let refused = try await Program.shell("echo mine > there && \(Self.erase) --certificate there", in: scratch.path)
        #expect(refused.exit == 2 && refused.output.contains("there exists already; nothing was done"))
        #expect(try await Program.shell("cat there", in: scratch.path).output == "mine\n")
        let erased = try await Program.shell("\(Self.erase) --json > one.json && cat one.json", in: scratch.path)
        #expect(
            erased.exit == 0 && erased.output.hasPrefix("{\"id\":\"") && erased.output.contains("\"started_seq\":3,\"completed_seq\":4"))
        let verified = try await Program.shell("vestige certificate verify one.json --key '\(key)'", in: scratch.path)
        #expect(verified.exit == 0, "\(verified.output)")
    }

    @Test("show gives it again by case and by erasure, list lists it, and the question is recorded")
    func again() async throws {
        let scratch = try await Scratch.initialised()
        let key = try await prepare(scratch.path)
        let erased = try await Program.shell(Self.erase + " --json", in: scratch.path)
        let id = try #require(try #/"id":"([^"]+)"/#.firstMatch(in: erased.output)?.1)
        let body = try #require(try #/"body":"[^"]+"/#.firstMatch(in: erased.output)?.0)
        for question in ["--case 2026-117", String(id), "\(id) --with-header"] {
            let shown = try await Program.shell(
                "vestige certificate show \(question) --purpose audit --json > again.json; cat again.json", in: scratch.path)
            #expect(shown.output.contains(body))
            #expect(shown.output.contains("\"header\":null") != question.contains("header"))
            let verified = try await Program.shell("vestige certificate verify again.json --key '\(key)'", in: scratch.path)
            #expect(verified.exit == 0, "\(verified.output)")
        }
        let listed = try await Program.shell("vestige certificate list --purpose audit", in: scratch.path)
        #expect(listed.exit == 0 && listed.output.contains(id) && listed.output.contains("1 certificate"))
        let none = try await Program.shell("vestige certificate show --case 2026-118 --purpose audit", in: scratch.path)
        #expect(none.exit == 1 && none.output.contains("there is no certificate of that erasure here"))
        #expect(try await Program.shell("vestige certificate list", in: scratch.path).exit == 2)
        let questions = try await Program.shell("vestige entries --purpose audit --action audit.certificate", in: scratch.path)
        #expect(questions.output.contains("5 of 5 entries"))
    }
}
