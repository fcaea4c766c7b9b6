import Foundation
import FoundationNetworking
import TestSupport
import Testing
import VestigeCore
import VestigeLocal
import VestigeTrail

@Suite("vestige serve")
struct ServeTests {
    /// Starts the service and reads where it listens.
    private static func start(_ flags: String, in directory: String) async throws -> (program: RunningProgram, address: String) {
        let program = try await RunningProgram.start("vestige serve --port 0 \(flags) 2>serve.log", in: directory)
        guard let line = await program.nextLine(), line.hasPrefix("listening on ") else { throw Unexpected("it does not listen") }
        return (program, String(line.dropFirst("listening on ".count)))
    }

    /// What the program logged has lines of requests, and none of these texts nor of those of the people whom the tests record.
    private static func checkLog(in directory: String, without texts: [String]) throws {
        let log = try String(contentsOfFile: directory + "/serve.log", encoding: .utf8)
        #expect(log.contains("/v1/"), "requests leave lines")
        for text in texts + ["Ana Lima", "ana@example.org", "user/", "127.0.0.1 ", "support"] {
            #expect(!log.contains(text), "the log says \(text): \(log.prefix(4000))")
        }
    }

    private static func token(_ role: String, for holder: String, in directory: String) async throws -> String {
        let made = try await Program.shell("vestige token create --role \(role) --for \(holder) 2>/dev/null", in: directory)
        guard made.exit == 0 else { throw Unexpected(made.output) }
        return made.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    static func ask(
        _ url: String, _ token: String, body: String? = nil, type: String = "application/x-ndjson"
    ) async throws -> (status: Int, text: String) {
        guard let address = URL(string: url) else { throw URLError(.badURL) }
        var request = URLRequest(url: address)
        request.httpMethod = body == nil ? "GET" : "POST"
        request.timeoutInterval = 180
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        request.setValue("audit", forHTTPHeaderField: "Vestige-Purpose")
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    private static func entries(_ count: Int) -> String {
        (0..<count).map { number in
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"p\#(number % 40)"},"purpose":"support"}"#
        }.joined(separator: "\n")
    }

    @Test("a token of another process works, and is worthless once it is revoked; the service is told nothing of either")
    func tokens() async throws {
        let scratch = try await Scratch.initialised()
        let (program, address) = try await Self.start("", in: scratch.path)
        let token = try await Self.token("auditor", for: "user/7", in: scratch.path)
        #expect(try await Self.ask(address + "/v1/key", token).status == 200)
        let listed = try await Program.shell("vestige token list --json", in: scratch.path)
        let id = try #require(listed.output.firstMatch(of: #/"id":"([0-9a-f]{12})"/#)?.output.1)
        #expect(!listed.output.contains(token) && !listed.output.contains("user/7"))
        #expect(try await Program.shell("vestige token revoke \(id)", in: scratch.path).exit == 0)
        #expect(try await Self.ask(address + "/v1/key", token).status == 401)
        program.kill(SIGTERM)
        #expect(try await program.exit() == 0)
        #expect(try await Program.shell("vestige verify", in: scratch.path).exit == 0)
    }

    @Test("told to stop while batches are on their way, it gives every receipt that it owes, ends with 0, and each stands in the trail")
    func stop() async throws {
        let scratch = try await Scratch.initialised()
        let token = try await Self.token("host", for: "api/billing", in: scratch.path)
        let (program, address) = try await Self.start("", in: scratch.path)
        let vestige = try await Vestige.open(scratch.path + "/vestige-data")
        let before = try await vestige.trail.checkpoint().size
        let answers = try await withThrowingTaskGroup(of: (status: Int, text: String)?.self) { group in
            for _ in 0..<8 { group.addTask { try? await Self.ask(address + "/v1/record", token, body: Self.entries(1000)) } }
            group.addTask {
                let isRecording = try await eventually { try await vestige.trail.checkpoint().size > before }
                #expect(isRecording)
                program.kill(SIGTERM)
                return nil
            }
            return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
        }
        #expect(try await program.exit() == 0)
        #expect(!answers.isEmpty)
        var receipts = 0
        for answer in answers {
            #expect(answer.status == 200)
            for line in answer.text.split(separator: "\n") {
                let id = try #require(line.firstMatch(of: #/"id":"([^"]+)","seq":([0-9]+)/#))
                #expect(try await vestige.trail.seq(of: try #require(EntryID(String(id.output.1)))) == UInt64(id.output.2))
                receipts += 1
            }
        }
        #expect(receipts == answers.count * 1000)
        // Whoever got no answer has recorded nothing: no receipt was lost.
        var looks = IndexQuery(limit: 0)
        looks.events = ["read"]
        looks.withoutQuestions = true
        #expect(try await vestige.trail.count(looks, ceiling: .max) == receipts)
        try Self.checkLog(in: scratch.path, without: [token])
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    @Test("speaks TLS with a certificate from files")
    func tls() async throws {
        let scratch = try await Scratch.initialised()
        let made = try await Program.shell(
            "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost 2>&1", in: scratch.path)
        guard made.exit == 0 else { return }
        let (program, address) = try await Self.start("--tls-certificate cert.pem --tls-key key.pem", in: scratch.path)
        #expect(address.hasPrefix("https://"))
        let port = address.split(separator: ":").last ?? ""
        let spoken = try await Program.shell(
            "printf 'GET /health HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' | openssl s_client -quiet -connect 127.0.0.1:\(port) 2>/dev/null",
            in: scratch.path)
        #expect(spoken.output.contains("HTTP/1.1 200"))
        let old = try await Program.shell("openssl s_client -tls1_1 -connect 127.0.0.1:\(port) </dev/null 2>&1", in: scratch.path)
        #expect(old.output.contains("Cipher is (NONE)"))
        program.kill(SIGINT)
        #expect(try await program.exit() == 0)
    }

    @Test("told why entries leave, it streams to the policy's sinks beside answering; for an unknown purpose it does not start")
    func streams() async throws {
        let scratch = try Scratch()
        let made = try await Program.shell(
            """
            mkdir -m 700 out && cp "$POLICIES/people-directory.yaml" policy.yaml \
            && printf '\\nsinks:\\n  out: { to: "file://%s/out", format: ndjson }\\n' "$PWD" >>policy.yaml \
            && vestige init --policy policy.yaml
            """, in: scratch.path)
        guard made.exit == 0 else { throw Unexpected(made.output) }
        let refused = try await Program.shell("vestige serve --port 0 --stream-purpose curiosity", in: scratch.path)
        #expect(refused.exit == 2 && refused.output.contains("nothing was started"))
        let token = try await Self.token("host", for: "api/billing", in: scratch.path)
        let (program, address) = try await Self.start("--stream-purpose audit", in: scratch.path)
        let recorded = try await Self.ask(address + "/v1/record", token, body: Self.entries(1))
        let id = try #require(recorded.text.firstMatch(of: #/"id":"([^"]+)"/#)?.output.1)
        var streamed = ""
        let hasCome = try await eventually {
            streamed = (try? String(contentsOfFile: scratch.path + "/out/out.log", encoding: .utf8)) ?? ""
            return streamed.contains(id)
        }
        #expect(hasCome, "\(streamed)")
        program.kill(SIGTERM)
        #expect(try await program.exit() == 0)
        #expect(try await Program.shell("vestige verify", in: scratch.path).exit == 0)
    }

    @Test("after a recovery it answers for the older trail by its number, and the question stands in the present one")
    func recovered() async throws {
        let scratch = try await Scratch.initialised()
        let made = try await Program.shell(
            """
            echo '{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"42"},"purpose":"support"}' | vestige record \
            && vestige backup trail backups && rm vestige-data/trail.sqlite* && vestige recover --from backups --case R-1 --yes
            """, in: scratch.path)
        try #require(made.exit == 0, "\(made.output)")
        let auditor = try await Self.token("auditor", for: "user/8", in: scratch.path)
        let own = try await Self.token("self", for: "user/42", in: scratch.path)
        let (program, address) = try await Self.start("", in: scratch.path)
        func ask(_ path: String, _ body: String) async throws -> String {
            let answer = try await Self.ask(address + path, auditor, body: body, type: "application/json")
            #expect(answer.status == 200, "\(path) \(answer.text)")
            return answer.text
        }
        let ben = #"{"record":{"type":"user","id":"42"}"#
        #expect(try await ask("/v1/who-viewed", ben + "}").contains(#""total":0"#))
        #expect(try await ask("/v1/who-viewed", ben + #","trail":1}"#).contains(#""total":1"#))
        #expect(try await ask("/v1/viewed-by", #"{"actor":{"type":"user","id":"7"},"trail":1}"#).contains(#""total":1"#))
        #expect(try await ask("/v1/entries/search", #"{"filters":{"event":"read"},"trail":1}"#).contains("pii.read.user"))
        #expect(try await ask("/v1/exports", #"{"format":"ndjson","trail":1}"#).contains("pii.read.user"))
        #expect(try await Self.ask(address + "/v1/self/looks?trail=1", own).text.contains(#""event":"read""#))
        #expect(try await Self.ask(address + "/v1/self/looks", own).text.contains(#""looks":[]"#))
        let status = try await Self.ask(address + "/v1/status", auditor).text
        #expect(status.contains(#""older":[{"trail":1,"#))
        let keys = [try await Self.ask(address + "/v1/key", auditor).text, try await Self.ask(address + "/v1/key?trail=1", auditor).text]
        #expect(keys[0].contains("/2+") && !keys[1].contains("/2+"))
        program.kill(SIGTERM)
        #expect(try await program.exit() == 0)
        try Self.checkLog(in: scratch.path, without: [auditor, own])
        let asked = try await Program.shell("vestige entries action:audit.who_viewed --format ndjson --purpose audit", in: scratch.path)
        #expect(asked.output.contains(#""details":{"rows":1,"trail":1}"#), "\(asked.output)")
        #expect(try await Program.shell("vestige verify", in: scratch.path).exit == 0)
    }

    @Test("makes up for a night that nobody worked: what is over its time goes at the start, while questions are answered")
    func nightly() async throws {
        let scratch = try Scratch()
        let made = try await Program.shell("KillablePruner make vestige-data \"$POLICIES/people-directory.yaml\" 12", in: scratch.path)
        try #require(made.exit == 0, "\(made.output)")
        let token = try await Self.token("auditor", for: "user/8", in: scratch.path)
        let (program, address) = try await Self.start("", in: scratch.path)
        var status = ""
        let isDone = try await eventually {
            status = try await Self.ask(address + "/v1/status", token).text
            return status.contains(#""pruned":{"entries":12,"#) && status.contains(#""overdue_since":null"#)
        }
        #expect(isDone, "\(status)")
        let ben = #"{"record":{"type":"user","id":"p1"}}"#
        let views = try await Self.ask(address + "/v1/who-viewed", token, body: ben, type: "application/json")
        #expect(views.status == 200 && views.text.contains(#""pruned_before":""#), "\(views.text)")
        program.kill(SIGTERM)
        #expect(try await program.exit() == 0, "the nightly run does not keep it from stopping")
        try Self.checkLog(in: scratch.path, without: [token, "p1\""])
        #expect(try await Program.shell("vestige verify", in: scratch.path).exit == 0)
    }

    @Test("a flag wins over a variable, a variable over the file")
    func settings() async throws {
        let scratch = try await Scratch.initialised()
        try Data("http:\n  host: 127.0.0.3\ntls:\n  certificate: nowhere.pem\n".utf8).write(
            to: URL(fileURLWithPath: scratch.path + "/serve.yaml"))
        let alone = try await Program.shell("vestige serve --config serve.yaml", in: scratch.path)
        #expect(alone.exit == 2 && alone.output.contains("go together"))
        try Data("http:\n  host: 127.0.0.3\n  port: 0\n".utf8).write(to: URL(fileURLWithPath: scratch.path + "/serve.yaml"))
        try Data("http:\n  host: 0.0.0.0\n  port: 0\n  plain: true\nlimits:\n  connections: 10\n".utf8).write(
            to: URL(fileURLWithPath: scratch.path + "/plain.yaml"))
        for (command, host) in [
            ("vestige serve --config plain.yaml", "0.0.0.0"),
            ("vestige serve --config serve.yaml", "127.0.0.3"),
            ("env VESTIGE_HTTP_HOST=127.0.0.2 vestige serve --config serve.yaml", "127.0.0.2"),
            ("env VESTIGE_HTTP_HOST=127.0.0.2 vestige serve --config serve.yaml --host 127.0.0.1", "127.0.0.1"),
        ] {
            let program = try await RunningProgram.start(command, in: scratch.path)
            #expect(await program.nextLine()?.hasPrefix("listening on http://\(host):") == true)
            program.kill(SIGTERM)
            #expect(try await program.exit() == 0)
        }
    }

    @Test(
        "does not start where tokens would travel in clear, or a setting is none",
        arguments: [
            ("--host 0.0.0.0", "in clear"), ("--tls-key key.pem", "go together"), ("--port 70000", "0 to 65535"),
            ("--config none.yaml", "none.yaml"),
            ("--connections 0", "--connections"), ("--tls-certificate a --tls-key b", "cannot be read"),
        ])
    func refused(flags: String, message: String) async throws {
        let scratch = try await Scratch.initialised()
        let answer = try await Program.shell("vestige serve \(flags)", in: scratch.path)
        #expect(answer.exit == 2)
        #expect(answer.output.contains(message))
        #expect(answer.output.contains("nothing was started"))
    }
}
