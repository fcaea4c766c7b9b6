import Foundation
import TestSupport
import Testing

@Suite("Tenants")
struct TenantTests {
    private static func scratch() async throws -> Scratch {
        let scratch = try Scratch()
        for name in ["acme", "bolt"] {
            let made = try await Program.shell(
                "vestige tenant create \(name) --tenants t --policy \"$POLICIES/people-directory.yaml\"", in: scratch.path)
            guard made.exit == 0 else { throw Unexpected(made.output) }
        }
        return scratch
    }

    @Test("each has a trail of its own; one service answers for all, and a credential belongs to one")
    func serve() async throws {
        let scratch = try await Self.scratch()
        #expect(try await Program.shell("vestige tenant list --tenants t", in: scratch.path).output == "acme\nbolt\n")
        var tokens: [String] = []
        for name in ["acme", "bolt"] {
            let made = try await Program.shell(
                "vestige token create --data t/\(name) --role auditor --for user/7 2>/dev/null", in: scratch.path)
            tokens.append(made.output.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        let program = try await RunningProgram.start("vestige serve --tenants t --port 0", in: scratch.path)
        let address = try #require(await program.nextLine()?.dropFirst("listening on ".count))
        var keys: Set<String> = []
        for token in tokens {
            let answer = try await ServeTests.ask("\(address)/v1/key", token)
            #expect(answer.text.hasPrefix("vestige.local/"))
            keys.insert(answer.text)
        }
        #expect(keys.count == 2)
        let busy = try await Program.shell("vestige tenant remove acme --tenants t --yes", in: scratch.path)
        #expect(busy.exit == 1 && busy.output.contains("\(program.pid)"))
        program.kill(SIGTERM)
        #expect(try await program.exit() == 0)
    }

    @Test("removed with its keys, the others stay; without --yes, under a hold, or by another name nothing is destroyed")
    func remove() async throws {
        let scratch = try await Self.scratch()
        #expect(try await Program.shell("vestige tenant remove acme --tenants t", in: scratch.path).exit == 2)
        #expect(try await Program.shell("vestige tenant remove ../t/acme --tenants t --yes", in: scratch.path).exit == 2)
        #expect(try await Program.shell("vestige tenant remove acme.keyring --tenants t --yes", in: scratch.path).exit == 2)
        #expect(try await Program.shell("vestige tenant remove cork --tenants t --yes", in: scratch.path).exit == 2)
        let look =
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"hardware","id":"142"},"subjects":[],"purpose":"audit"}"#
        #expect(try await Program.shell("vestige record --data t/bolt", in: scratch.path, input: look + "\n").exit == 0)
        let hold = "vestige hold add hardware/142 --case H-1 --purpose audit --data t/bolt"
        #expect(try await Program.shell(hold, in: scratch.path).exit == 0)
        let held = try await Program.shell("vestige tenant remove bolt --tenants t --yes", in: scratch.path)
        #expect(held.exit == 1 && held.output.contains("legal holds stand here: 1"))
        let done = try await Program.shell("vestige tenant remove acme --tenants t --yes", in: scratch.path)
        #expect(done.exit == 0 && done.output.contains("removed acme") && done.output.contains("\nvestige.local/"))
        let left = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/t").sorted()
        #expect(left == ["bolt", "bolt.keyring"])

        // Cut short before the keys went, and after: the service starts with the others, and the same command finishes it.
        for isBeforeKeys in [true, false] {
            let again = "vestige tenant create acme --tenants t --policy \"$POLICIES/people-directory.yaml\" && mv t/acme t/acme.removing"
            let cut = try await Program.shell(again + (isBeforeKeys ? "" : " && rm -r t/acme.keyring"), in: scratch.path)
            try #require(cut.exit == 0, "\(cut.output)")
            #expect(try await Program.shell("vestige tenant list --tenants t", in: scratch.path).output == "bolt\n")
            let program = try await RunningProgram.start("vestige serve --tenants t --port 0", in: scratch.path)
            #expect(await program.nextLine()?.hasPrefix("listening on ") == true)
            program.kill(SIGTERM)
            #expect(try await program.exit() == 0)
            #expect(try await Program.shell("vestige tenant remove acme --tenants t", in: scratch.path).exit == 2)
            let finished = try await Program.shell("vestige tenant remove acme --tenants t --yes", in: scratch.path)
            #expect(finished.exit == 0 && finished.output.contains("an earlier removal of acme"), "\(finished.output)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/t").sorted() == left)
        }
        // A tenant made anew under the name keeps its keys.
        let made = try await Program.shell(
            """
            mkdir t/acme.removing && vestige tenant create acme --tenants t --policy "$POLICIES/people-directory.yaml" \
            && vestige tenant remove acme --tenants t --yes && vestige verify --data t/acme
            """, in: scratch.path)
        #expect(made.exit == 0, "\(made.output)")
        #expect(try await Program.shell("vestige verify --data t/bolt", in: scratch.path).exit == 0)
    }
}
