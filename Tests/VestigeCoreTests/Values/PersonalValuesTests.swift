import Testing
import VestigeCore
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeVault

@Suite("Personal values of a host's tables")
struct PersonalValuesTests {
    private static let policy = """
        vestige: 1
        channels: [pii-read, people]
        purposes: { audit: { title: Review } }
        records:
          user:
            subject: self
            channels: { look: pii-read, change: people }
            fields:
              name:  { personal: identity, searchable: true }
              email: { personal: contact, searchable: true }
              phone: { personal: contact, searchable: true, normalise: compact }
              note:  { personal: other }
              role:  { personal: no }
          device:
            subject: { type: user, from: owner }
            channels: { look: pii-read, change: people }
            fields: { owner: { personal: identity }, serial: { personal: other, searchable: true } }
        """

    /// A row of a host's table: an address book that knows people by e-mail alone.
    private struct Row: Codable {
        var email: SealedValue
        var note: SealedValue
    }

    private func host() async throws -> (vestige: InMemoryVestige, values: PersonalValues) {
        let policy = try Policy.parse(Array(Self.policy.utf8), file: "test.yaml")
        let vestige = try await InMemoryVestige(policy: policy)
        return (vestige, PersonalValues(policy: policy, vault: vestige.vault))
    }

    /// As a host writes a searchable column, whose row takes it.
    private func store(
        _ value: String, replacing old: String? = nil, for subject: SubjectID, field: String, of type: String? = nil,
        in values: PersonalValues
    ) async throws -> SealedValue {
        try #require(try await values.replace(old, by: value, for: subject, field: field, of: type) { $0 })
    }

    private func erase(_ subject: SubjectID, in vestige: InMemoryVestige) async throws {
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: subject, role: .subject, caseReference: "T-1", purpose: "audit", actor: ana))
    }

    @Test("a value is found however it is written, opened again, and replaced")
    func find() async throws {
        let (_, values) = try await host()
        let bo = try person("42")
        let sealed = try await store("Bo.Ek@Example.org", for: bo, field: "email", in: values)
        #expect(try await values.open(sealed, for: bo, field: "email") == .value("Bo.Ek@Example.org"))
        #expect(try await values.find("email", of: "user", equals: " bo.ek@example.ORG ") == [bo])
        _ = try await store("+49 (0)30 901820", for: bo, field: "phone", in: values)
        #expect(try await values.find("phone", of: "user", equals: "+49 030 90 18 20") == [bo])
        #expect(try await values.find("phone", of: "user", equals: "Bo.Ek@Example.org").isEmpty)

        _ = try await store("bo@example.org", replacing: "BO.EK@example.org", for: bo, field: "email", in: values)
        #expect(try await values.find("email", of: "user", equals: "bo.ek@example.org").isEmpty)
        #expect(try await values.find("email", of: "user", equals: "bo@example.org") == [bo])
        try await values.unindex("Bo@example.org", for: bo, field: "email")
        #expect(try await values.find("email", of: "user", equals: "bo@example.org").isEmpty)
        #expect(try await values.find("email", of: "user", equals: "  ").isEmpty)
    }

    @Test("while a row is written its person is findable by both values, and by both if it cannot be written; afterwards by the new one")
    func order() async throws {
        struct Lost: Error {}
        let (_, values) = try await host()
        let bo = try person("42")
        let found = { (value: String) in try await !values.find("email", of: "user", equals: value).isEmpty }
        _ = try await store("old@example.org", for: bo, field: "email", in: values)
        let meanwhile = try await values.replace("old@example.org", by: "new@example.org", for: bo, field: "email") { sealed in
            try await [sealed != nil, found("old@example.org"), found("new@example.org")]
        }
        #expect(meanwhile == [true, true, true])
        #expect(try await [found("old@example.org"), found("new@example.org")] == [false, true])
        await #expect(throws: Lost.self) {
            try await values.replace("new@example.org", by: "lost@example.org", for: bo, field: "email") { _ in throw Lost() }
        }
        #expect(try await [found("new@example.org"), found("lost@example.org")] == [true, true])
        // The same value in another spelling stays, and a deleted one goes.
        _ = try await store("New@Example.org", replacing: "new@example.org", for: bo, field: "email", in: values)
        #expect(try await found("new@example.org"))
        let rest = try await values.replace("New@Example.org", by: nil, for: bo, field: "email") { $0 }
        #expect(rest == nil)
        #expect(try await !found("new@example.org"))
    }

    @Test("a row that knows a person by their e-mail alone is reached by their erasure, and so is every copy of it")
    func rowsWithoutID() async throws {
        let (vestige, values) = try await host()
        let bo = try person("42")
        let row = Row(
            email: try await store("bo@example.org", for: bo, field: "email", in: values),
            note: try await values.seal("calls on Mondays", for: bo, field: "note"))
        let backup = row
        let found = try #require(try await values.find("email", of: "user", equals: "BO@example.org").first)
        try await erase(found, in: vestige)
        for row in [row, backup] {
            #expect(try await values.open(row.email, for: bo, field: "email") == .erased)
            #expect(try await values.open(row.note, for: bo, field: "note").isErased)
        }
        #expect(try await values.find("email", of: "user", equals: "bo@example.org").isEmpty)
        #expect(try await vestige.vaultStore.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty)
        await #expect(throws: VaultError.personErased) {
            try await store("bo@example.org", for: bo, field: "email", in: values)
        }
        #expect(try await vestige.vaultStore.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty)
    }

    @Test("a field of another record is sealed for the person whom it is about, and leads to them")
    func otherRecord() async throws {
        let (_, values) = try await host()
        let bo = try person("42")
        let sealed = try await store("SN-1", for: bo, field: "serial", of: "device", in: values)
        #expect(try await values.find("serial", of: "device", equals: "sn-1") == [bo])
        #expect(try await values.open(sealed, for: bo, field: "serial", of: "device") == .value("SN-1"))
        try await values.load([bo])
        #expect(try values.openAtOnce(sealed, for: bo, field: "serial", of: "device") == "SN-1")
    }

    @Test("a person with several identifiers is given by the one of the host's table")
    func linked() async throws {
        let (vestige, values) = try await host()
        let login = try SubjectID(type: "login", id: "bo")
        _ = try await vestige.vault.admit(login, as: .subject)
        try await vestige.vault.link(login, person("42"))
        _ = try await store("bo@example.org", for: person("42"), field: "email", in: values)
        #expect(try await vestige.vault.find(field: "user.email", equals: Array("bo@example.org".utf8)) == [login])
        #expect(try await values.find("email", of: "user", equals: "bo@example.org") == [person("42")])
        #expect(try await values.find("email", of: "user", equals: "bo@example.org", person: "login") == [login])
    }

    @Test("fields that are not personal or not searchable, and values of which nothing counts, are refused by name")
    func refused() async throws {
        let (vestige, values) = try await host()
        let bo = try person("42")
        func problem(_ body: () async throws -> Void) async -> String? {
            do { try await body() } catch { return "\(error)" }
            return nil
        }
        #expect(
            await problem { _ = try await values.seal("x", for: bo, field: "role") }
                == "records.user.fields.role: it is not personal, so there is no key to seal it under; nothing was sealed, indexed or looked up"
        )
        for field in ["note", "undeclared"] {
            let found = await problem { _ = try await values.find(field, of: "user", equals: "x") }
            #expect(found?.contains("the policy does not say searchable: true") == true)
            #expect(await problem { try await values.index("x", for: bo, field: field) } == found)
        }
        #expect(
            await problem { _ = try await store("--", for: bo, field: "phone", in: values) }?.contains("nothing of the value")
                == true)
        #expect(await problem { _ = try await values.seal("x", for: bo, field: "f", of: "car") }?.contains("no such record type") == true)
        #expect(try await vestige.vault.counts() == (0, 0))
        // A field that the policy does not name is personal.
        _ = try await values.seal("x", for: bo, field: "undeclared")
    }
}
