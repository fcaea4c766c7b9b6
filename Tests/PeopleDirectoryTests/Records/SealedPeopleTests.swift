import GRDB
import Testing
import VestigeCore
import VestigeGRDB
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import PeopleDirectory

@Suite("People who are stored sealed")
struct SealedPeopleTests {
    private func form(_ person: MadeUpPerson) -> KeyValuePairs<String, String> {
        [
            "name": person.name, "email": person.email, "phone": person.phone, "birthday": person.birthday, "salary": "\(person.salary)",
            "department": person.department,
        ]
    }

    private let officer = AuditActor(.user, id: "officer")

    @Test("one erasure makes exactly that person's row unreadable")
    func oneRow() async throws {
        let host = try await DirectoryHost()
        let gone = host.member(1)
        for person in host.people { #expect(try await host.stored(person.id) == person) }
        try await host.erase(gone.id)
        for person in host.people where person.id != gone.id { #expect(try await host.stored(person.id) == person) }
        let row = try #require(try await host.store.person(gone.id, opening: nil))
        #expect(row.isErased && [row.name, row.email, row.phone, row.birthday].allSatisfy { $0.isErased && $0.value == nil })
        #expect(row.salary.isErased && row.department == gone.department && row.role == gone.role)
    }

    @Test("pages, lists and files go on and show an erased person as [erased]; sorting, paging and departments are as before")
    func pages() async throws {
        let host = try await DirectoryHost()
        let manager = host.somebody(.manager)
        let department = host.people.filter { $0.department == manager.department }
        let holders = host.devices.compactMap(\.assignedTo)
        let gone = try #require(department.first { $0.role == .member && holders.contains($0.id) })
        let device = try #require(host.devices.first { $0.assignedTo == gone.id })
        let place = try #require(department.firstIndex { $0.id == gone.id })
        let pages = [
            "/people/\(gone.id)", "/people", "/contacts?department=\(gone.department.replacing(" ", with: "%20"))&page=\(place / 25 + 1)",
            "/exports/people.csv", "/hardware/\(device.id)",
        ]
        try await host.serve(as: .manager) { browser, _ async throws in
            for page in pages { #expect(try await browser.get(page).text.contains(gone.name), "\(page)") }
            let before = try await browser.get("/people").text
            try await host.erase(gone.id)
            for page in pages {
                let answer = try await browser.get(page)
                #expect(answer.status == 200, "\(page)")
                #expect(answer.text.contains("[erased]"), "\(page)")
                for value in [gone.name, gone.email, gone.phone] { #expect(!answer.text.contains(value), "\(page)") }
            }
            #expect(try await browser.get("/people").text == before.replacing(gone.name, with: "[erased]"))
            #expect(try await browser.get("/exports/people.csv").text.split(separator: "\r\n").count == 501)
            // What is not personal can still be changed, with nobody's values in the entry.
            let moved = try await browser.post("/departments/move", ["from": gone.department, "to": "Dissolved"])
            #expect(moved.status == 303)
            #expect(try await host.store.person(gone.id)?.department == "Dissolved")
            #expect(try await browser.get("/people/\(gone.id)/edit").status == 410)
            #expect(try await browser.post("/people/\(gone.id)", form(gone)).status == 410)
            #expect(try await browser.post("/people/\(gone.id)/remove").status == 303)
            #expect(try await browser.get("/people/\(gone.id)").status == 404)
        }
        let auditor = Asker.keyHolder(AuditActor(.user, id: "auditor"), purpose: "audit")
        let views = try await host.vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: gone.id)), asker: auditor)
        #expect(views.isErased && views.total == 0)
        for entry in try await host.opened() where entry.header?.event == "updated" || entry.header?.event == "deleted" {
            for subject in entry.subjects { #expect(!subject.changes.values.contains { $0.before == .text(gone.name) }) }
        }
        try await expectIntact(host)
    }

    @Test("an erased person is signed out, cannot sign in and is as unknown as anybody, and their address is free")
    func signIn() async throws {
        let host = try await DirectoryHost()
        let gone = host.somebody(.member)
        let other = host.member(2)
        try await host.serve { browser async throws in
            var browser = browser
            let passphrase = host.generator.passphrase(for: gone.id)
            browser.cookie = try await browser.signIn(gone, passphrase: passphrase)
            #expect(try await browser.get("/people").status == 200)
            try await host.erase(gone.id)
            #expect(try await browser.get("/people").status == 401)
            let refused = try await browser.post("/sign-in", ["email": gone.email, "passphrase": passphrase])
            let unknown = try await browser.post("/sign-in", ["email": "nobody@example.org", "passphrase": passphrase])
            #expect(refused.status == 401 && refused.text == unknown.text)
        }
        try await host.serve(as: .agent) { browser, _ async throws in
            var changed = other
            changed.email = gone.email
            #expect(try await browser.post("/people/\(other.id)", form(changed)).status == 303)
        }
        #expect(try await host.stored(other.id)?.email == gone.email)
    }

    @Test("of two who take one address at once, one gets it")
    func taken() async throws {
        let host = try await DirectoryHost()
        let people = (1...6).map { host.member($0) }
        let statuses = try await host.serve(as: .agent) { browser, _ async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for person in people {
                    group.addTask {
                        var changed = person
                        changed.email = "one@example.org"
                        return try await browser.post("/people/\(person.id)", form(changed)).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(statuses.sorted() == [303, 409, 409, 409, 409, 409])
        let owner = try #require(try await host.store.person(email: "One@example.org"))
        for person in people where person.id != owner.id {
            #expect(try await host.stored(person.id)?.email == person.email)
            #expect(try await host.store.person(email: person.email)?.id == person.id)
        }
    }

    @Test("somebody who comes back gets their row written anew: as it was it stays shut, and says so")
    func readmitted() async throws {
        let host = try await DirectoryHost()
        let back = host.member(1)
        let subject = try SubjectID(type: "user", id: back.id)
        try await host.erase(back.id)
        _ = try await host.vestige.rights.readmit(subject, by: officer)
        let form = form(back)
        try await host.serve(as: .agent) { browser, _ async throws in
            // Nobody has a key as long as nothing is recorded about them; this look mints one.
            #expect(try await browser.get("/people/\(back.id)").text.contains("[erased]"))
            let shut = try await browser.get("/people/\(back.id)")
            #expect(shut.status == 200 && shut.text.contains("[unreadable]"))
            #expect(try await browser.get("/people/\(back.id)/edit").text.contains("value=\"[unreadable]\""))
            #expect(try await browser.post("/people/\(back.id)", form).status == 303)
            #expect(try await browser.get("/people/\(back.id)").text.contains(back.email))
        }
        #expect(try await host.stored(back.id) == back)
        #expect(try await host.store.person(email: back.email)?.id == back.id)
        let saved = try await host.acts().first { $0.event == "updated" }
        #expect(saved?.changes.contains(ExpectedChange(of: back.id, "email", from: nil, to: back.email)) == true)

        // The same number for somebody new.
        try await host.erase(back.id)
        _ = try await host.vestige.rights.readmit(subject, by: officer)
        var other = back
        other.name = "Neu Hier"
        other.email = "neu.hier@example.org"
        let row = Person(other)
        try await Vestige.as(.system("personnel"), purpose: "payroll") {
            try await host.app.database.write { transaction in
                try transaction.updateAll(Hardware.filter(Column("assigned_to") == row.id)) { $0.assignedTo = nil }
                try transaction.delete(Person.self, id: row.id)
                try transaction.create(row)
            }
        }
        #expect(try await host.stored(other.id) == other)
        try await expectIntact(host)
    }

    private func expectIntact(_ host: DirectoryHost) async throws {
        try await host.app.drain()
        #expect(try await host.vestige.trail.verify().findings.isEmpty)
    }
}
