import Foundation
import TestSupport
import Testing

@Suite("vestige evidence", .enabled(if: Program.python != nil, "there is no python3"))
struct EvidenceTests {
    private static let line =
        #"{"event":"read","actor":{"type":"user","id":"7","name":"Ζωή Łukasz Щербаков"},"record":{"type":"user","id":"42"},"purpose":"support"}"#
        + "\n"
    private static let command = "vestige evidence --from 2020-01-01 --to 2100-01-01 --purpose audit -o pack.zip"

    #if EvidencePacks
        @Test("makes a ZIP file with a PDF, which Python unpacks and checks without Vestige; nothing else is left")
        func pack() async throws {
            let scratch = try await Scratch.initialised()
            _ = try await Program.shell("vestige record", in: scratch.path, input: Self.line)
            let made = try await Program.shell("umask 022; " + Self.command, in: scratch.path)
            #expect(made.exit == 0, "\(made.output)")
            #expect(made.output.contains("complete") && made.output.contains("yes"))
            let listed = try await Program.shell("ls -A; stat -c %a pack.zip", in: scratch.path)
            #expect(listed.output == "pack.zip\nvestige-data\nvestige-data.keyring\n600\n")
            let checked = try await Program.shell(
                "python3 -m zipfile -e pack.zip . && cd pack && ls && head -c 5 summary.pdf && python3 verify.py --key \"$(cat verifier-key.txt)\"",
                in: scratch.path)
            #expect(checked.exit == 0, "\(checked.output)")
            for name in ["README.txt", "entries.csv", "entries.ndjson", "manifest.json", "summary.pdf", "%PDF-", "intact: 2 entries"] {
                #expect(checked.output.contains(name), "\(name)")
            }
            // A second one does not overwrite the first, and a pack that cannot be made leaves nothing.
            #expect(try await Program.shell(Self.command, in: scratch.path).exit == 2)
            let nowhere = try await Program.shell(Self.command.replacing("pack.zip", with: "gone/pack.zip"), in: scratch.path)
            #expect(nowhere.exit == 1)
            #expect(try await Program.shell(Self.command.replacing("--purpose audit", with: ""), in: scratch.path).exit == 2)
        }
    #else
        @Test("says how to build it where it is not built in, and takes nothing out")
        func without() async throws {
            let scratch = try await Scratch.initialised()
            let refused = try await Program.shell(Self.command + "; vestige status", in: scratch.path, input: Self.line)
            #expect(refused.output.contains("swift build --traits EvidencePacks"))
            #expect(refused.output.contains(#/entries +1\n/#))
        }
    #endif
}
