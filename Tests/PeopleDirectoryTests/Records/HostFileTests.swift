import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeTesting
import VestigeVault

@testable import PeopleDirectory

@Suite("No personal value and no pseudonym stands in the host's own database", .enabled(if: Program.python != nil, "there is no python3"))
struct HostFileTests {
    /// Two in ten of the people, each with all that is personal of them and both pseudonyms, in every form that the search knows.
    private func needles(_ host: DirectoryHost) async throws -> [String] {
        var all: [String] = []
        for person in host.people.enumerated().filter({ $0.offset.isMultiple(of: 25) }).map(\.element) {
            all += [person.name, person.email, person.phone, person.birthday]
            let subject = try SubjectID(type: "user", id: person.id)
            for role in [KeyRole.subject, .acting] {
                guard case .active(let pseudonym) = try await host.vestige.vault.standing(of: subject, as: role) else { continue }
                all.append("bytes:\(pseudonym.hex)")
            }
        }
        return all.filter { $0.utf8.count >= 8 }
    }

    @Test("while it is open, with changes waiting in the outbox, after an erasure and after close, with its journals")
    func searched() async throws {
        let host = try await DirectoryHost()
        let gone = host.people[25]
        let personal = try await host.serve(as: .admin) { browser, _ async throws in
            _ = try await browser.get("/people/\(gone.id)")
            // What is changed waits in the outbox, beside the rows that it is about.
            host.vestige.trailStore.failNextCommits(.max)
            for person in host.people.enumerated().filter({ $0.offset.isMultiple(of: 25) }).map(\.element) {
                let form: KeyValuePairs = [
                    "name": person.name, "email": "changed.\(person.id).address@example.org", "phone": person.phone,
                    "birthday": person.birthday, "salary": "65432198", "department": "Needlework",
                ]
                _ = try await browser.post("/people/\(person.id)", form)
            }
            return try await needles(host)
        }
        #expect(try await host.app.outbox().waiting > 10)
        let all = personal + host.people.map { "changed.\($0.id).address@example.org" } + ["65432198"]
        // The search finds what is there, also in the journal that was not brought into the file yet.
        let clear = try await search(host, ["Needlework", "CREATE TABLE people"])
        #expect(clear.exit == 1 && clear.output.contains("-wal"), "\(clear.output)")
        let whileWaiting = try await search(host, all)
        #expect(whileWaiting.exit == 0, "\(whileWaiting.output)")

        host.vestige.trailStore.failNextCommits(0)
        try await host.app.drain()
        try await host.erase(gone.id)
        let afterErasure = try await search(host, all)
        #expect(afterErasure.exit == 0, "\(afterErasure.output)")

        await host.app.close()
        try host.store.close()
        let afterClose = try await search(host, all)
        #expect(afterClose.exit == 0, "\(afterClose.output)")
    }

    /// Another process reads the files: here it would drop SQLite's locks.
    private func search(_ host: DirectoryHost, _ needles: [String]) async throws -> Program.Result {
        try await Program.run("python3", [script, host.folder.path], input: needles.joined(separator: "\n"))
    }

    private let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "VestigeLocalTests/search_files.py").path
}
