import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("Devices")
struct HardwareRoutesTests {
    /// A device of a member, and the member.
    private func assigned(_ host: DirectoryHost, besides id: String = "") throws -> (device: Hardware, holder: MadeUpPerson) {
        let members = host.people.filter { $0.role == .member && $0.id != id }
        let device = try #require(host.devices.first { device in members.contains { $0.id == device.assignedTo } })
        return (device, try #require(members.first { $0.id == device.assignedTo }))
    }

    @Test("a look at a device is one entry, and a look at who has it, whose name is shown")
    func look() async throws {
        let host = try await DirectoryHost()
        let (device, holder) = try assigned(host)
        try await host.serve(as: .agent) { browser, _ async throws in
            let page = try await browser.get("/hardware/\(device.id)", purpose: "inventory")
            #expect(page.text.contains(holder.name))
            #expect(try await browser.get("/hardware/9999", purpose: "inventory").status == 404)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.recordID) == [device.id, nil])
        #expect(acts.map(\.subjects) == [[holder.id], []])
        #expect(acts.map(\.page) == ["/hardware/\(device.id)", "/hardware/9999"])
        #expect(try await host.opened().dropFirst().first?.header?.fields == ["serial", "model", "assigned_to"])
    }

    @Test("a holder's name needs a reason, but for what one has oneself")
    func purpose() async throws {
        let host = try await DirectoryHost()
        let (device, holder) = try assigned(host)
        let passphrase = host.generator.passphrase(for: holder.id)
        try await host.serve(as: .agent) { browser, _ async throws in
            #expect(try await browser.get("/hardware/\(device.id)", purpose: nil).status == 428)
        }
        try await host.serve { browser async throws in
            var browser = browser
            browser.cookie = try await browser.signIn(holder, passphrase: passphrase)
            #expect(try await browser.get("/hardware/\(device.id)", purpose: nil).status == 200)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.isSuccess) == [false, true])
        #expect(acts.last?.purpose == "own")
        #expect(acts.last?.isOwn == true)
    }

    @Test("who is refused a device has tried to see its holder, who is named; a device that is not there names nobody")
    func refused() async throws {
        let host = try await DirectoryHost()
        let (device, holder) = try assigned(host, besides: host.somebody(.member).id)
        try await host.serve(as: .member) { browser, _ async throws in
            #expect(try await browser.get("/hardware/\(device.id)", purpose: "inventory").status == 403)
        }
        try await host.serve(as: .member) { browser, _ async throws in
            #expect(try await browser.get("/hardware/9999", purpose: "inventory").status == 403)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.recordID) == [device.id, nil])
        #expect(acts.map(\.subjects) == [[holder.id], []])
        #expect(acts.allSatisfy { !$0.isSuccess })
    }

    @Test("a device that changes hands tells before to the one and after to the other")
    func reassigned() async throws {
        let host = try await DirectoryHost()
        let (device, holder) = try assigned(host)
        let other = try #require(host.people.first { ![holder.id, device.id].contains($0.id) && $0.role == .member })
        let agent = try await host.serve(as: .agent) { browser, agent async throws in
            let answer = try await browser.post(
                "/hardware/\(device.id)", ["serial": device.serial, "model": device.model, "assigned_to": other.id], purpose: "inventory")
            #expect(answer.status == 303)
            return agent
        }
        #expect(
            try await host.acts() == [
                ExpectedEntry(
                    "updated", by: agent.id, "hardware", device.id, subjects: [holder.id, other.id], purpose: "inventory",
                    page: "/hardware/\(device.id)",
                    changes: [
                        ExpectedChange(of: holder.id, "assigned_to", from: holder.id, to: nil),
                        ExpectedChange(of: other.id, "assigned_to", from: nil, to: other.id),
                    ])
            ])
    }

    @Test("saving a device as it was names its holder, and giving it to nobody known is refused")
    func unchanged() async throws {
        let host = try await DirectoryHost()
        let (device, holder) = try assigned(host)
        try await host.serve(as: .agent) { browser, _ async throws in
            let same = try await browser.post(
                "/hardware/\(device.id)", ["serial": device.serial, "model": device.model, "assigned_to": holder.id])
            #expect(same.status == 303)
            let nobody = try await browser.post(
                "/hardware/\(device.id)", ["serial": device.serial, "model": device.model, "assigned_to": "9999"])
            #expect(nobody.status == 400)
        }
        let acts = try await host.acts()
        #expect(acts.map(\.isSuccess) == [true, false])
        #expect(acts.first?.subjects == [holder.id])
        #expect(acts.allSatisfy { $0.changes.isEmpty })
    }
}
