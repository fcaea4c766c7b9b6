import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

/// What another process may do between two calls of a store while somebody is erased.
@Suite("Beside an erasure") struct ErasureRaceTests {
    /// A process that meets `meanwhile` between its calls.
    private func process(_ bench: VaultBench, meeting meanwhile: Meanwhile) async throws -> Vault {
        try await Vault.open(
            store: InterruptedVaultStore(bench.store, past: meanwhile), keyring: bench.keyring, now: bench.clock.now, slabCapacity: 64)
    }

    private func directory(_ bench: VaultBench) async throws -> [DirectoryRow] {
        try await bench.store.directoryPage(after: nil, limit: 99)
    }

    @Test("two processes that erase one person at once begin one erasure, whoever is first", arguments: ["keys", "beginErasure"])
    func twice(_ call: String) async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let meanwhile = Meanwhile(call == "keys" ? .afterItTookEffect : .beforeItTakesEffect, call) { try await bench.erase("1") }
        let other = try await process(bench, meeting: meanwhile)
        meanwhile.arm()
        let ticket = try await other.beginErasure(
            of: person("1"), roles: [.subject], started: .random(), completed: .random(), erasure: .random())
        #expect(meanwhile.happened && ticket == nil)
        let byPseudonym = try await other.beginErasure(of: [pseudonym], started: .random(), completed: .random(), erasure: .random())
        #expect(byPseudonym == nil)
        #expect(try await bench.store.pendingErasures().isEmpty)
    }

    @Test("a key whose day has come is erased once, however many notice the day")
    func due() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1", as: .acting)
        let meanwhile = Meanwhile(.beforeItTakesEffect, "beginErasure") { try await bench.erase("1", [.acting]) }
        let other = try await process(bench, meeting: meanwhile)
        meanwhile.arm()
        let ticket = try await other.beginErasure(
            of: [pseudonym], role: .acting, started: .random(), completed: .random(), erasure: .random(), respectingHolds: true)
        #expect(meanwhile.happened && ticket == nil)
        #expect(try await bench.store.pendingErasures().isEmpty)
    }

    @Test("a record's handle that is made while its person is erased leaves no row behind")
    func handle() async throws {
        let bench = try await VaultBench()
        let meanwhile = Meanwhile(.beforeItTakesEffect, "insert") { try await bench.erase("1") }
        let other = try await process(bench, meeting: meanwhile)
        _ = try await other.admit(person("1"), as: .subject)
        meanwhile.arm()
        let handle = try await other.handle(forRecord: "note", id: "n", of: person("1"))
        #expect(meanwhile.happened && handle == nil)
        #expect(try await directory(bench).isEmpty)
    }

    @Test("a record's handle that gets its owner while they are erased stays nobody's, until somebody living has it")
    func assigned() async throws {
        let bench = try await VaultBench()
        let meanwhile = Meanwhile(.beforeItTakesEffect, "assign") { try await bench.erase("1") }
        let other = try await process(bench, meeting: meanwhile)
        _ = try await other.admit(person("1"), as: .subject)
        let free = try #require(try await other.handle(forRecord: "note", id: "n", of: nil))
        meanwhile.arm()
        #expect(try await other.handle(forRecord: "note", id: "n", of: person("1")) == nil)
        #expect(meanwhile.happened)
        #expect(try await directory(bench).map(\.locator) == [.zero])
        #expect(try await other.handle(forRecord: "note", id: "n", of: person("2")) == free)
        try await bench.erase("2")
        #expect(try await directory(bench).isEmpty)
    }

    @Test("linking somebody who is erased meanwhile makes no key for them, in no role", arguments: ["insert", "link"])
    func linked(_ call: String) async throws {
        let bench = try await VaultBench()
        let meanwhile = Meanwhile(.beforeItTakesEffect, call) { try await bench.erase("1", [.subject, .acting]) }
        let other = try await process(bench, meeting: meanwhile)
        _ = try await other.admit(person("1"), as: .subject)
        meanwhile.arm()
        _ = await #expect(throws: VaultError.personErased) { try await other.link(person("1"), person("one")) }
        #expect(meanwhile.happened)
        for id in ["1", "one"] {
            for role in [KeyRole.subject, .acting] {
                let standing = try await bench.vault.standing(of: person(id), as: role)
                #expect(standing == (id == "1" ? .erased : .unknown), "\(id) as \(role)")
            }
        }
        #expect(try await directory(bench).isEmpty)
    }

    @Test("a value that is indexed while its person is erased leaves no row behind")
    func indexed() async throws {
        let bench = try await VaultBench()
        let meanwhile = Meanwhile(.beforeItTakesEffect, "reindex") { try await bench.erase("1") }
        let other = try await process(bench, meeting: meanwhile)
        _ = try await other.admit(person("1"), as: .subject)
        meanwhile.arm()
        await #expect(throws: VaultError.personErased) { try await other.index([1], for: person("1"), field: "f") }
        #expect(meanwhile.happened)
        #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty)
    }

    @Test("whoever is minted in a role while they are erased in it loses that key too")
    func mintedMeanwhile() async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let meanwhile = Meanwhile(.beforeItTakesEffect, "beginErasure") { _ = try await bench.admit("1", as: .acting) }
        let other = try await process(bench, meeting: meanwhile)
        meanwhile.arm()
        let ticket = try #require(
            try await other.beginErasure(
                of: person("1"), roles: [.subject, .acting], started: .random(), completed: .random(), erasure: .random()))
        #expect(Set(ticket.keys.map(\.role)) == [.subject, .acting])
    }

    @Test(
        "whoever carries out an erasure that another one finishes meanwhile has nothing more to do",
        arguments: ["pendingErasures", "destroyKeys"])
    func finishedMeanwhile(_ call: String) async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let ticket = try #require(try await bench.begin("1"))
        let meanwhile = Meanwhile(call == "destroyKeys" ? .beforeItTakesEffect : .afterItTookEffect, call) {
            try await bench.vault.destroyKeys(ticket, fenceUntil: 30_000)
            try await bench.vault.finishErasure(ticket)
        }
        let other = try await process(bench, meeting: meanwhile)
        meanwhile.arm()
        try await other.destroyKeys(ticket, fenceUntil: 30_000)
        #expect(meanwhile.happened)
        try await other.probe(ticket)
        try await other.finishErasure(ticket)
        #expect(try await other.standing(of: person("1"), as: .subject) == .erased)
    }

    @Test("asking for both roles while one of them is being erased fences the other one too")
    func joined() async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let first = try #require(try await bench.begin("1", [.subject]))
        let joined = try #require(try await bench.begin("1", [.subject, .acting]))
        #expect(joined.wasUnderWay && joined.erasure == first.erasure)
        #expect(try await bench.vault.admit(person("1"), as: .acting) == .erased)
    }
}
