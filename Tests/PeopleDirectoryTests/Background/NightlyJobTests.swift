import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("The nightly job")
struct NightlyJobTests {
    @Test("looks under its own name and for its own reason, and leaves one entry with all whom it saw")
    func birthdays() async throws {
        let host = try await DirectoryHost()
        let day = String(host.people[0].birthday.suffix(5))
        let names = try await host.app.nightly.birthdays(on: day)
        let born = host.people.filter { $0.birthday.hasSuffix(day) }
        #expect(names == born.map(\.name))
        #expect(
            try await host.acts()
                == [ExpectedEntry("read", by: "nightly", "user", nil, subjects: born.map(\.id), purpose: "payroll", page: nil)])
        let entry = try await host.opened().first
        #expect(entry?.actor?.type == "system")
        #expect(entry?.header?.fields == ["name", "birthday"])
    }

    @Test("leaves nothing on a day without birthdays")
    func nobody() async throws {
        let host = try await DirectoryHost()
        // The made-up people are born on the 1st to the 28th.
        #expect(try await host.app.nightly.birthdays(on: "01-31").isEmpty)
        #expect(try await host.acts().isEmpty)
    }
}
