import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("A person's identifiers")
struct IdentifierTests {
    private func look(at id: String) -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: "7", name: "Ana Lima"), record: RecordReference(type: "user", id: id),
            fields: ["email"], purpose: "support", page: "/people/\(id)")
    }

    private func views(_ id: String, _ vestige: InMemoryVestige) async throws -> UInt64 {
        UInt64(try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: id)), asker: asker).total)
    }

    @Test("once linked share looks, report and erasure, and an entry says that they were, without naming anybody")
    func link() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42"))
        let linked = try await vestige.rights.link(person("4200"), person("42"), caseReference: "T-9", by: officer)
        #expect(linked.identifiers == [try person("42"), try person("4200")])
        _ = try await vestige.recorder.record(look(at: "4200"))
        for id in ["42", "4200"] { #expect(try await views(id, vestige) == 2) }

        let entry = try #require(try await vestige.recorded().first { $0.action == "key.linked" })
        #expect(entry.channel == "compliance" && entry.event == "linked" && entry.details.isEmpty)
        let seen = try #require(try await vestige.recorded().first).subjects
        #expect(entry.subjects == seen)

        _ = try await vestige.rights.erase(order("4200", .subject))
        for id in ["42", "4200"] {
            #expect(try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: id)), asker: asker).isErased)
        }
        #expect(try await vestige.trail.verify().verdict == .intact)
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
    }

    @Test("are not linked when they are two people, one, or erased; nothing is recorded then")
    func refused() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        for id in ["1", "2"] { _ = try await vestige.recorder.record(look(at: id)) }
        await #expect(throws: RightsError.twoPeople) { try await vestige.rights.link(person("1"), person("2"), by: officer) }
        await #expect(throws: RightsError.oneIdentifier) { try await vestige.rights.link(person("1"), person("1"), by: officer) }
        _ = try await vestige.rights.erase(order("2", .subject))
        await #expect(throws: RightsError.linkedToErased) { try await vestige.rights.link(person("1"), person("2"), by: officer) }
        #expect(try await !vestige.recorded().contains { $0.action == "key.linked" })
    }

    @Test("of staff keep the acting key until its due day, by whichever of them they are erased")
    func staff() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let login = try SubjectID(type: "login", id: "ana")
        _ = try await vestige.recorder.record(look(at: "7"))
        _ = try await vestige.rights.link(login, person("7"), by: officer)
        let erasure = try await vestige.rights.erase(
            ErasureOrder(subject: login, caseReference: "2026-117", purpose: "audit", actor: officer))
        #expect(erasure.roles == [.subject] && erasure.deferredUntil != nil)
        for identifier in [login, try person("7")] {
            #expect(try await vestige.vault.standing(of: identifier, as: .subject) == .erased)
            #expect(try await vestige.vault.standing(of: identifier, as: .acting) != .erased)
        }
    }

    @Test("are told to whoever is about to erase, and the question is an entry; where there is one only there is no answer")
    func asked() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        _ = try await vestige.recorder.record(look(at: "42"))
        func others(_ purpose: String = "audit") async throws -> [SubjectID] {
            try await vestige.rights.otherIdentifiers(of: person("42"), caseReference: "T-9", by: officer, purpose: purpose)
        }
        func questions() async throws -> [StoredEntry] {
            var query = IndexQuery(limit: 10)
            query.actions = ["audit.identifiers"]
            return try await vestige.trail.page(query)
        }
        #expect(try await others().isEmpty)
        #expect(try await questions().isEmpty)
        _ = try await vestige.rights.link(person("42"), person("4200"), by: officer)
        await #expect(throws: RightsError.self) { try await others("curiosity") }
        #expect(try await others() == [try person("4200")])
        let entry = try #require(try await vestige.inquiry.open(questions()).first)
        #expect(entry.header?.subjects == (try await vestige.recorded().first?.subjects) && entry.header?.purpose == "audit")
        #expect(entry.caseReference == "T-9" && entry.actor?.id == officer.id && entry.header?.details == ["rows": .integer(1)])
    }

    @Test("let back in after an erasure begin anew, and only the one that was asked for")
    func readmit() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        await #expect(throws: RightsError.notFenced) { try await vestige.rights.readmit(person("42"), by: officer) }
        _ = try await vestige.recorder.record(look(at: "42"))
        let before = try #require(try await vestige.recorded().first).subjects
        _ = try await vestige.rights.link(person("42"), person("4200"), by: officer)
        await #expect(throws: RightsError.notFenced) { try await vestige.rights.readmit(person("42"), by: officer) }
        _ = try await vestige.rights.erase(order("42", .subject))
        let receipt = try await vestige.rights.readmit(person("42"), caseReference: "T-10", by: officer)
        let entry = try #require(try await vestige.recorded().last)
        #expect(entry.action == "erasure.readmitted" && entry.event == "restored" && entry.subjects.isEmpty)
        #expect(entry.id == receipt.id)
        _ = try await vestige.recorder.record(look(at: "42"))
        let after = try #require(try await vestige.recorded().last).subjects
        #expect(after.count == 1 && after != before)
        #expect(try await views("42", vestige) == 1)
        #expect(try await vestige.vault.standing(of: person("4200"), as: .subject) == .erased)
        #expect(try await vestige.trail.verify().verdict == .intact)
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
    }
}
