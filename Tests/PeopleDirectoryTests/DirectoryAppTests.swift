import Foundation
import Testing
import VestigeCore

@testable import PeopleDirectory

@Suite("The people directory")
struct DirectoryAppTests {
    let people = PersonGenerator().people()

    private func somebody(_ role: Role) throws -> Person {
        try #require(people.first { $0.role == role })
    }

    @Test("lets a person in with their own passphrase only, and records both")
    func signIn() async throws {
        let host = try DirectoryHost()
        let agent = try somebody(.agent)
        try await host.serve { browser in
            let one = try await browser.signIn(agent, passphrase: "wrong-one")
            #expect(one == nil)
            let cookie = try #require(try await browser.signIn(agent, passphrase: host.generator.passphrase(for: agent.id)))
            let two = try await browser.send("/people", cookie: cookie)
            #expect(two.status == 200)
            let three = try await browser.send("/sign-out", method: "POST", cookie: cookie)
            #expect(three.status == 303)
            let four = try await browser.send("/people", cookie: cookie)
            #expect(four.status == 401)
        }
        #expect(host.collector.entries.map(\.action) == ["auth.sign_in_failed", "auth.sign_in", "auth.sign_out"])
        #expect(host.collector.entries.map(\.actor?.kind) == [.anonymous, .user, .user])
        #expect(host.collector.entries.map(\.record?.id) == [nil, agent.id, agent.id])
    }

    @Test("shows a person's page with everything escaped, and a member nobody's but their own")
    func pages() async throws {
        let host = try DirectoryHost()
        let agent = try somebody(.agent)
        let member = try somebody(.member)
        let greek = try #require(people.first { $0.name.unicodeScalars.contains { (0x0370...0x03FF).contains($0.value) } })
        try await host.serve { browser in
            let staff = try await browser.signIn(agent, passphrase: host.generator.passphrase(for: agent.id))
            let page = try await browser.send("/people/\(greek.id)?purpose=support", cookie: staff)
            #expect(page.status == 200)
            #expect(page.text.contains("<h1>\(greek.name)</h1>"))
            #expect(page.text.contains(greek.email))
            let form = try await browser.send("/people/\(greek.id)/edit", cookie: staff, headers: ["X-Purpose": "payroll"])
            #expect(form.text.contains("value=\"\(greek.salary)\""))

            let own = try await browser.signIn(member, passphrase: host.generator.passphrase(for: member.id))
            let answer = try await browser.send("/people/\(member.id)", cookie: own)
            #expect(answer.status == 200)
            let refused = try await browser.send("/people/\(greek.id)", cookie: own, headers: ["X-Purpose": "support"])
            #expect(refused.status == 403)
            #expect(!refused.text.contains(greek.name))
        }
        #expect(host.collector.entries.filter { $0.event == "read" }.map(\.purpose) == ["support", "payroll", "own", "support"])
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
