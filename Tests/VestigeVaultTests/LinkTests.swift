import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct LinkTests {
    private func login(_ id: String) throws -> SubjectID { try SubjectID(type: "login", id: id) }

    @Test("linked identifiers share pseudonym and key in both roles, whichever was known, in every process")
    func shared() async throws {
        let bench = try await VaultBench()
        let (ana, bo, cy) = (try person("1"), try person("2"), try person("3"))
        let known = [try await bench.admit("1"), try await bench.admit("2", as: .acting)]
        #expect(try await bench.vault.link(ana, login("ana"))[.subject] == known[0])
        #expect(try await bench.vault.link(login("bo"), bo)[.acting] == known[1])
        let minted = try #require(try await bench.vault.link(cy, login("cy"))[.subject])
        #expect(minted != known[0])
        for vault in [bench.vault, try await bench.otherVault()] {
            for (one, other) in [(ana, try login("ana")), (bo, try login("bo")), (cy, try login("cy"))] {
                for role in [KeyRole.subject, .acting] {
                    let standing = try await vault.standing(of: one, as: role)
                    #expect(standing != .unknown)
                    #expect(try await vault.admit(other, as: role) == standing)
                    #expect(try await vault.standing(of: other, as: role) == standing)
                }
            }
        }
        #expect(try await bench.vault.counts() == (3, 0))
        let slot = try bench.vault.seal([7], under: known[0], role: .subject, at: bench.place)
        #expect(try await bench.vault.open(slot, under: known[0], role: .subject, at: bench.place) == .plaintext([7]))
    }

    @Test("linking twice, in either order, changes nothing; a third identifier joins through any of the two")
    func repeated() async throws {
        let bench = try await VaultBench()
        let ana = try person("1")
        let first = try await bench.vault.link(ana, login("ana"))
        #expect(try await bench.vault.link(login("ana"), ana) == first)
        #expect(try await bench.vault.link(login("ana"), login("ana@old")) == first)
        #expect(try await bench.otherVault().identifiers(of: login("ana@old")) == [ana, login("ana"), login("ana@old")])
        #expect(try await bench.vault.identifiers(of: ana).count == 3)
        #expect(try await bench.vault.resolve(try #require(first[.subject])) == ana)
    }

    @Test("an identifier of nobody has none, one without links has itself, and whoever is erased has none")
    func identifiers() async throws {
        let bench = try await VaultBench()
        #expect(try await bench.vault.identifiers(of: person("1")).isEmpty)
        _ = try await bench.admit("1")
        #expect(try await bench.vault.identifiers(of: person("1")) == [person("1")])
        try await bench.vault.link(person("1"), login("ana"))
        try await bench.erase("1", [.subject, .acting])
        for identifier in [try person("1"), try login("ana")] {
            #expect(try await bench.vault.identifiers(of: identifier).isEmpty)
        }
    }

    @Test("two people with keys of their own are not linked, not even in one role; nor is anyone to themselves or in another role")
    func refused() async throws {
        let bench = try await VaultBench()
        let (ana, bo) = (try person("1"), try person("2"))
        let (one, other) = (try await bench.admit("1"), try await bench.admit("2"))
        await #expect(throws: VaultError.bothHaveKeys) { try await bench.vault.link(ana, bo) }
        _ = try await bench.admit("3", as: .acting)
        _ = try await bench.admit("2", as: .acting)
        await #expect(throws: VaultError.bothHaveKeys) { try await bench.vault.link(person("3"), bo) }
        #expect(try await bench.vault.standing(of: person("3"), as: .subject) == .unknown)
        #expect(try await bench.vault.standing(of: ana, as: .subject) == .active(one))
        #expect(try await bench.vault.standing(of: bo, as: .subject) == .active(other))
        await #expect(throws: VaultError.linkedToItself) { try await bench.vault.link(ana, ana) }
        await #expect(throws: VaultError.wrongRole) { try await bench.vault.link(ana, login("ana"), roles: [.visitor]) }
        #expect(VaultError.bothHaveKeys.description.contains("nothing was linked"))
    }

    @Test("erasing one identifier erases all of them, and all stay fenced")
    func erase() async throws {
        let bench = try await VaultBench()
        try await bench.vault.link(person("1"), login("ana"))
        let value = try await bench.vault.seal("ana@example.org", for: login("ana"), field: "email")
        #expect(try await bench.vault.open(value, as: String.self, for: person("1"), field: "email") == .value("ana@example.org"))
        let ticket = try #require(
            try await bench.vault.beginErasure(
                of: login("ana"), roles: [.subject, .acting], started: .random(), completed: .random(), erasure: .random()))
        #expect(ticket.keys.count == 2)
        try await bench.vault.destroyKeys(ticket, fenceUntil: bench.clock.today + 30)
        try await bench.vault.probe(ticket)
        try await bench.vault.finishErasure(ticket)
        for vault in [bench.vault, try await bench.otherVault()] {
            for identifier in [try person("1"), try login("ana")] {
                #expect(try await vault.admit(identifier, as: .subject) == .erased)
                #expect(try await vault.admit(identifier, as: .acting) == .erased)
                #expect(try await vault.open(value, as: String.self, for: identifier, field: "email") == .erased)
            }
        }
        await #expect(throws: VaultError.personErased) { try await bench.vault.link(person("2"), login("ana")) }
        try await bench.vault.readmit(login("ana"), as: [.subject, .acting])
        try await bench.vault.link(person("2"), login("ana"))
        #expect(try await bench.vault.identifiers(of: login("ana")) == [person("2"), login("ana")])
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .erased)
    }

    @Test("a hold on one identifier holds all")
    func held() async throws {
        let bench = try await VaultBench()
        try await bench.vault.link(person("1"), login("ana"))
        #expect(try await bench.vault.setHold(true, on: login("ana")))
        #expect(try await bench.vault.isHeld(person("1")))
        await #expect(throws: VaultError.held) { try await bench.begin("1") }
    }

    @Test("rotations one after the other delay a link, they do not refuse it")
    func rotations() async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let meanwhile = Meanwhile(.beforeItTakesEffect, "link") { _ = try await bench.vault.rotate() }
        let other = try await Vault.open(
            store: InterruptedVaultStore(bench.store, past: meanwhile), keyring: bench.keyring, now: bench.clock.now, slabCapacity: 64)
        meanwhile.arm(times: 9)
        try await other.link(person("1"), login("ana"))
        #expect(meanwhile.happened)
        #expect(try await bench.vault.identifiers(of: login("ana")) == [person("1"), login("ana")])
    }

    @Test("callers who link one identifier to several known people at once give it to one of them")
    func race() async throws {
        let bench = try await VaultBench()
        let vaults = [bench.vault, try await bench.otherVault()]
        for round in 0..<20 {
            let shared = try login("\(round)")
            for number in 0..<4 { _ = try await bench.admit("\(round)-\(number)") }
            let linked = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        (try? await vaults[number % 2].link(person("\(round)-\(number)"), shared)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(linked == 1)
            #expect(try await bench.vault.identifiers(of: shared).count == 2)
        }
    }
}
