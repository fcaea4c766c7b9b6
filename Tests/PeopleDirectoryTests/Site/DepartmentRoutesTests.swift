import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("What concerns many people at once")
struct DepartmentRoutesTests {
    private func people(_ host: DirectoryHost, of department: String) -> [MadeUpPerson] {
        host.people.filter { $0.department == department }
    }

    @Test("a page of contacts is one entry with everybody on it, who find it when they ask")
    func contacts() async throws {
        let host = try await DirectoryHost()
        let archive = people(host, of: "Archive")
        let agent = try await host.serve(as: .agent) { browser, agent async throws in
            let first = try await browser.get("/contacts?department=Archive")
            #expect(first.status == 200)
            #expect(first.text.contains(archive[0].email) && first.text.contains("page=2"))
            #expect(!first.text.contains(archive[25].email))
            let second = try await browser.get("/contacts?department=Archive&page=2")
            #expect(second.text.contains(archive[25].email))
            return agent
        }
        let pages = [archive[..<25], archive[25..<min(50, archive.count)]]
        #expect(
            try await host.acts()
                == pages.map {
                    ExpectedEntry("read", by: agent.id, "user", nil, subjects: $0.map(\.id), purpose: "support", page: "/contacts")
                })
        #expect(try await host.opened().last?.header?.fields == ["name", "email", "phone"])
        let auditor = Asker.keyHolder(AuditActor(.user, id: "auditor"), purpose: "audit")
        let views = try await host.vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: archive[3].id)), asker: auditor)
        #expect(views.views.map(\.isDirect) == [false])
    }

    @Test("somebody is found by their address however it is written, by the new one once it is changed, and it is one entry")
    func search() async throws {
        let host = try await DirectoryHost()
        let person = host.member(1)
        let agent = try await host.serve(as: .agent) { browser, agent async throws in
            let found = try await browser.post("/contacts", ["email": " \(person.email.uppercased())"])
            #expect(found.status == 200 && found.text.contains(person.phone))
            let form: KeyValuePairs = [
                "name": person.name, "email": "new.\(person.email)", "phone": person.phone, "birthday": person.birthday,
                "salary": "\(person.salary)", "department": person.department,
            ]
            #expect(try await browser.post("/people/\(person.id)", form).status == 303)
            #expect(try await browser.post("/contacts", ["email": person.email]).text.contains("Nobody has this address."))
            #expect(try await browser.post("/contacts", ["email": "new.\(person.email)"]).text.contains(person.phone))
            return agent
        }
        try await host.serve(as: .member) { browser, _ async throws in
            #expect(try await browser.post("/contacts", ["email": "new.\(person.email)"]).status == 403)
        }
        let looks = try await host.acts().filter(\.isLook)
        #expect(looks.map(\.subjects) == [[person.id], [], [person.id], []])
        #expect(looks.map(\.isSuccess) == [true, true, true, false])
        #expect(looks.prefix(3).allSatisfy { $0.actorID == agent.id && $0.page == "/contacts" && $0.recordID == nil })
    }

    @Test("an empty page and a member's try name nobody; without a reason nothing is shown, and who would have been seen is named")
    func nobody() async throws {
        let host = try await DirectoryHost()
        try await host.serve(as: .agent) { browser, _ async throws in
            #expect(try await browser.get("/contacts?department=Nowhere").status == 200)
            let refused = try await browser.get("/contacts?department=Archive", purpose: nil)
            #expect(refused.status == 428)
            #expect(!refused.text.contains("@"))
        }
        try await host.serve(as: .member) { browser, _ async throws in
            #expect(try await browser.get("/contacts?department=Archive").status == 403)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.isSuccess) == [true, false, false])
        #expect(acts.map(\.subjects.count) == [0, 25, 0])
        #expect(acts.allSatisfy { $0.recordID == nil })
    }

    @Test("moving a department is one entry, with before and after for each of its people")
    func move() async throws {
        let host = try await DirectoryHost()
        let archive = people(host, of: "Archive").map(\.id)
        let manager = try await host.serve(as: .manager) { browser, manager async throws in
            #expect(try await browser.post("/departments/move", ["from": "Archive", "to": "Reception"]).status == 303)
            #expect(try await browser.post("/departments/move", ["from": "Archive", "to": "Reception"]).status == 404)
            #expect(try await browser.post("/departments/move", ["from": "Reception", "to": ""]).status == 400)
            return manager
        }
        let acts = try await host.acts()
        #expect(acts.map(\.isSuccess).filter { !$0 }.count == 2)
        #expect(
            acts.filter(\.isSuccess) == [
                ExpectedEntry(
                    "updated", by: manager.id, "user", nil, subjects: archive, purpose: "support", page: "/departments/move",
                    changes: Set(archive.map { ExpectedChange(of: $0, "department", from: "Archive", to: "Reception") }))
            ])
    }

    @Test("the file with everybody is an entry a page, all under one correlation id, and says what it is")
    func export() async throws {
        let host = try await DirectoryHost()
        try await host.serve(as: .manager) { browser, _ async throws in
            let answer = try await browser.get("/exports/people.csv", purpose: "payroll")
            let lines = answer.text.split(separator: "\r\n")
            #expect(lines.count == 501)
            #expect(lines.first == "\"name\",\"email\",\"phone\",\"department\"")
            #expect(lines.last?.contains(host.people[499].email) == true)
        }
        let entries = try await host.opened().filter { $0.header?.event == "exported" }
        #expect(entries.map { $0.header?.subjects.count } == [0, 100, 100, 100, 100, 100])
        #expect(Set(entries.map { $0.header?.correlationID }).count == 1)
        #expect(entries.allSatisfy { $0.header?.correlationID != nil && $0.page == "/exports/people.csv" })
        #expect(entries.first?.header?.details["export_format"] == .code("csv"))
    }

    @Test("a member gets no file, and neither does a manager without a reason")
    func noExport() async throws {
        let host = try await DirectoryHost()
        try await host.serve(as: .member) { browser, _ async throws in #expect(try await browser.get("/exports/people.csv").status == 403) }
        try await host.serve(as: .manager) { browser, _ async throws in
            let answer = try await browser.get("/exports/people.csv", purpose: nil)
            #expect(answer.status == 428)
            #expect(!answer.text.contains("@"))
        }
        #expect(try await host.acts().map(\.isSuccess) == [false, false])
    }

    @Test("a cell with quotes in it stays one cell")
    func csv() {
        #expect(CSV.line(["a", "b \"c\", d"]) == "\"a\",\"b \"\"c\"\", d\"\r\n")
    }
}
