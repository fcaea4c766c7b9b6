import Testing
import VestigeCrypto
import VestigePolicy

@Suite("The example policies")
struct ExampleTests {
    @Test("each example is read without an error and without a warning", arguments: PolicyFiles.examples)
    func loads(name: String) throws {
        let policy = try PolicyFiles.example(name)
        #expect(policy.warnings.isEmpty)
        let bytes = try PolicyFiles.bytes("Policies/\(name).yaml")
        #expect(policy.digest == sha256(bytes))
        #expect([UInt8](policy.text.utf8) == bytes)
    }

    @Test("the people directory says what the design says")
    func peopleDirectory() throws {
        let policy = try PolicyFiles.example("people-directory")
        #expect(policy.timeZone == "Europe/Berlin")
        #expect(policy.channels == ["pii-read", "auth", "security", "people", "hardware"])
        #expect(policy.purposes["support"]?.activity == "RPA-12")
        #expect(policy.recipients["payroll-gmbh"]?.country == "DE")
        #expect(policy.isStaff("user") && !policy.isStaff("api"))
        let user = try #require(policy.records["user"])
        #expect(user.subject == .itself && !user.idIsClear)
        #expect(user.fields["email"] == FieldRuleCheck.email(user))
        #expect(user.reads.purposeIsRequired && user.reads.onFailure == .refuse && user.reads.log == .list)
        #expect(user.details["export_format"] == .codes(["csv", "json"]) && user.details["rows"] == .number)
        let hardware = try #require(policy.records["hardware"])
        #expect(hardware.subject == .field(type: "user", from: "assigned_to") && hardware.idIsClear)
        #expect(!hardware.reads.purposeIsRequired)
        #expect(policy.retention.standard.keep.days == 365 && policy.window(for: "auth").keep.days == 180)
        #expect(policy.erasure.fence.days == 90 && policy.erasure.approvals == 1 && policy.erasure.actors?.keep.days == 365)
        #expect(policy.cases.keep.days == 1096)
        #expect(policy.rights(of: "host") == [.record] && policy.rights(of: "self").isEmpty && policy.rights(of: "nobody").isEmpty)
        #expect(policy.access.allowedAddresses.contains(address: "127.0.0.1"))
    }
}

private enum FieldRuleCheck {
    /// The rule as read, if it says contact and searchable.
    static func email(_ record: RecordRule) -> FieldRule? {
        record.fields["email"].flatMap { $0.category == .contact && $0.isSearchable ? $0 : nil }
    }
}
