import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("Changing one person")
struct PersonChangesTests {
    private func form(_ person: MadeUpPerson, phone: String? = nil, email: String? = nil) -> KeyValuePairs<String, String> {
        [
            "name": person.name, "email": email ?? person.email, "phone": phone ?? person.phone, "birthday": person.birthday,
            "salary": "\(person.salary)", "department": person.department,
        ]
    }

    @Test("saving the form is one entry with before and after of what differs")
    func saved() async throws {
        let host = try await DirectoryHost()
        let person = host.member(1)
        let agent = try await host.serve(as: .agent) { browser, agent async throws in
            let answer = try await browser.post("/people/\(person.id)", form(person, phone: "+44 20 7946 0999"), purpose: "payroll")
            #expect(answer.status == 303)
            #expect(answer.location == "/people/\(person.id)?purpose=payroll")
            return agent
        }
        #expect(try await host.stored(person.id)?.phone == "+44 20 7946 0999")
        #expect(
            try await host.acts() == [
                ExpectedEntry(
                    "updated", by: agent.id, "user", person.id, subjects: [person.id], purpose: "payroll", page: "/people/\(person.id)",
                    changes: [ExpectedChange(of: person.id, "phone", from: person.phone, to: "+44 20 7946 0999")])
            ])
    }

    @Test("saving what was there already changes nothing, and is recorded as a look at it")
    func unchanged() async throws {
        let host = try await DirectoryHost()
        let person = host.member(1)
        try await host.serve(as: .agent) { browser, _ async throws in
            #expect(try await browser.post("/people/\(person.id)", form(person)).status == 303)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.event) == ["read"])
        #expect(acts.allSatisfy { $0.isSuccess && $0.changes.isEmpty && $0.subjects == [person.id] })
        #expect(try await host.app.outbox().committed == 0)
    }

    @Test(
        "an address that somebody has already, however it is written, an empty field and an unknown person are refused, and nothing is changed"
    )
    func refused() async throws {
        let host = try await DirectoryHost()
        let (person, other) = (host.member(1), host.member(2))
        try await host.serve(as: .agent) { browser, _ async throws in
            #expect(try await browser.post("/people/\(person.id)", form(person, email: other.email.uppercased())).status == 409)
            #expect(try await browser.post("/people/\(person.id)", form(person, phone: "")).status == 400)
            #expect(try await browser.post("/people/\(person.id)", ["name": "x"]).status == 400)
            #expect(try await browser.post("/people/9999", form(person)).status == 404)
        }
        #expect(try await host.stored(person.id) == person)
        let acts = try await host.acts()
        #expect(acts.map(\.isSuccess) == [false, false, false, false])
        #expect(acts.map(\.recordID) == [person.id, person.id, person.id, "9999"])
        #expect(acts.map(\.subjects) == [[person.id], [person.id], [person.id], []])
        #expect(acts.allSatisfy { $0.changes.isEmpty })
    }

    @Test("a purpose that the policy does not know changes nothing")
    func purpose() async throws {
        let host = try await DirectoryHost()
        let person = host.member(1)
        try await host.serve(as: .agent) { browser, _ async throws in
            #expect(try await browser.post("/people/\(person.id)", form(person, phone: "1"), purpose: "curiosity").status == 428)
        }
        #expect(try await host.stored(person.id) == person)
        #expect(try await host.acts().map(\.isSuccess) == [false])
    }

    @Test("nobody changes their own record, and a member nobody's", arguments: [Role.agent, .manager, .admin, .member])
    func own(role: Role) async throws {
        let host = try await DirectoryHost()
        let person = role == .member ? host.member(1) : host.somebody(role)
        try await host.serve(as: role) { browser, _ async throws in
            #expect(try await browser.get("/people/\(person.id)/edit").status == 403)
            #expect(try await browser.post("/people/\(person.id)", form(person, phone: "1")).status == 403)
            #expect(try await browser.post("/people/\(person.id)/role", ["role": "admin"]).status == 403)
            #expect(try await browser.post("/people/\(person.id)/remove").status == 403)
        }
        #expect(try await host.stored(person.id) == person)
        #expect(try await host.acts().map(\.event) == ["read", "updated", "role_changed", "deleted"])
        #expect(try await host.acts().allSatisfy { !$0.isSuccess })
    }

    @Test("a changed role is security.role_changed with both roles, and nothing else")
    func role() async throws {
        let host = try await DirectoryHost()
        let person = host.member(1)
        try await host.serve(as: .admin) { browser, _ async throws in
            #expect(try await browser.post("/people/\(person.id)/role", ["role": "agent"], purpose: "audit").status == 303)
            #expect(try await browser.post("/people/\(person.id)/role", ["role": "emperor"], purpose: "audit").status == 400)
        }
        #expect(try await host.store.person(person.id)?.role == .agent)
        let entries = try await host.opened().filter { $0.header?.channel != "auth" }
        #expect(entries.map(\.header?.action) == ["security.role_changed", "user.role_changed"])
        #expect(entries.map(\.header?.status) == [.success, .failure])
        #expect(entries.first?.clearChanges == ["role": FieldChange(before: "member", after: "agent")])
    }

    @Test("removing somebody takes their devices back in the same commit, and both are told")
    func removed() async throws {
        let host = try await DirectoryHost()
        let device = try #require(
            host.devices.first { device in host.people.contains { $0.id == device.assignedTo && $0.role == .member } })
        let id = try #require(device.assignedTo)
        let person = try #require(host.people.first { $0.id == id })
        try await host.serve(as: .manager) { browser, _ async throws in
            #expect(try await browser.post("/people/\(id)/remove").status == 303)
            #expect(try await browser.get("/people/\(id)").status == 404)
        }
        let acts = try await host.acts()
        #expect(acts.map { "\($0.recordType).\($0.event)" } == ["hardware.updated", "user.deleted", "user.read"])
        #expect(acts[0].changes.contains(ExpectedChange(of: id, "\(device.id).assigned_to", from: id, to: nil)))
        #expect(acts[1].changes.contains(ExpectedChange(of: id, "salary", from: "\(person.salary)", to: nil)))
        #expect(acts[1].subjects == [id])
    }
}
