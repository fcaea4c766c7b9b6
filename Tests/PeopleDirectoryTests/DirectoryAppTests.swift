import Foundation
import Testing
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("The people directory")
struct DirectoryAppTests {
    @Test("lets a person in with their own passphrase only, and records both")
    func signIn() async throws {
        let host = try await DirectoryHost()
        let agent = host.somebody(.agent)
        let passphrase = host.generator.passphrase(for: agent.id)
        try await host.serve { browser async throws in
            var browser = browser
            let one = try await browser.signIn(agent, passphrase: "wrong-one")
            #expect(one == nil)
            browser.cookie = try await browser.signIn(agent, passphrase: passphrase)
            #expect(try await browser.get("/people").status == 200)
            #expect(try await browser.post("/sign-out").status == 303)
            #expect(try await browser.get("/people").status == 401)
        }
        let entries = try await host.opened()
        #expect(entries.map(\.header?.action) == ["auth.sign_in_failed", "auth.sign_in", "auth.sign_out"])
        #expect(entries.map(\.actor?.type) == ["anonymous", "user", "user"])
        #expect(entries.map(\.actor?.email) == [agent.email, agent.email, agent.email])
        #expect(entries.map(\.actor?.isSelf) == [false, true, true])
        #expect(entries.allSatisfy { $0.actor?.ip == "127.0.0.1" })
    }

    @Test("shows a person's page with everything escaped, and a member nobody's but their own")
    func pages() async throws {
        let host = try await DirectoryHost()
        let greek = try #require(
            host.people.first { $0.role == .member && $0.name.unicodeScalars.contains { (0x0370...0x03FF).contains($0.value) } })
        try await host.serve(as: .agent) { browser, _ async throws in
            let page = try await browser.get("/people/\(greek.id)?purpose=support", purpose: nil)
            #expect(page.status == 200)
            #expect(page.text.contains("<h1>\(greek.name)</h1>"))
            #expect(page.text.contains(greek.email))
            #expect(!page.text.contains(greek.birthday))
            let form = try await browser.get("/people/\(greek.id)/edit", purpose: "payroll")
            #expect(form.text.contains("value=\"\(greek.salary)\""))
        }
        try await host.serve(as: .member) { browser, member async throws in
            #expect(try await browser.get("/people/\(member.id)", purpose: nil).status == 200)
            let refused = try await browser.get("/people/\(greek.id)")
            #expect(refused.status == 403)
            #expect(!refused.text.contains(greek.name))
        }
        #expect(try await host.acts().map(\.purpose) == ["support", "payroll", "own", "support"])
    }

    @Test("does not start with a route that its policy does not know", arguments: try DirectoryPolicy.parsed().routes.map(\.name))
    func coverage(route: String) async throws {
        let text = DirectoryPolicy.yaml.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.contains("\"\(route)\"") }.joined(separator: "\n")
        let policy = try Policy.parse(Array(text.utf8), file: DirectoryPolicy.fileName)
        try #require(policy.routes.count == (try DirectoryPolicy.parsed()).routes.count - 1)
        let refusal = await #expect(throws: UncoveredRoutes.self) { try await DirectoryHost(policy: policy) }
        #expect(refusal?.routes == [route])
    }

    @Test("answers with a page when something goes wrong, and sends no form in another site's name")
    func errors() async throws {
        let host = try await DirectoryHost()
        try await host.serve(as: .agent) { browser, agent async throws in
            #expect(try await browser.get("/people/9999").text.contains("There is no such page."))
            #expect(try await browser.post("/people/\(agent.id)", ["name": "x"]).text.contains("Your role may not open this page."))
            var stranger = browser
            stranger.cookie = nil
            #expect(try await stranger.post("/people/9", ["name": "x"]).text.contains("Please sign in first."))
        }
    }

    @Test("escapes text and only text")
    func escaping() {
        let name = "<b>\"O'Neil\" & co</b>"
        let html: HTML = "<p>\(name)</p>"
        let outer: HTML = "\(html)"
        #expect(outer.source == "<p>&lt;b&gt;&quot;O&#39;Neil&quot; &amp; co&lt;/b&gt;</p>")
    }

    @Test(
        "compares passphrases whole", arguments: [("amber", "amber", true), ("amber", "ambe", false), ("", "a", false), ("a", "", false)])
    func passphrases(given: String, expected: String, same: Bool) {
        #expect(SignIn.equal(given, expected) == same)
    }

    @Test("ends a session when its time is over")
    func sessions() {
        let sessions = Sessions()
        let token = sessions.start(for: "7", at: .now)
        #expect(sessions.find(token)?.personID == "7")
        #expect(sessions.find(token, at: .now + Sessions.lifetime + .seconds(1)) == nil)
        #expect(sessions.find(token)?.name != token)
    }

    @Test("has the policy that lies among the examples")
    func policy() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: DirectoryPolicy.fileName)
        #expect(try String(contentsOf: file, encoding: .utf8) == DirectoryPolicy.yaml)
    }
}
