import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite struct ErasureTests {
    @Test("from the first step on no key is handed out, and nothing is minted")
    func begin() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let slot = try bench.vault.seal([1], under: pseudonym, role: .subject, at: bench.place)
        _ = try await bench.begin("1")
        #expect(try bench.vault.cachedStanding(of: person("1"), as: .subject) == nil)
        #expect(throws: VaultError.keyNotLoaded) { try bench.vault.seal([1], under: pseudonym, role: .subject, at: bench.place) }
        #expect(try await bench.vault.admit(person("1"), as: .subject) == .erased)
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .erased)
        #expect(try await bench.vault.load(pseudonym, role: .subject) == .erased)
        #expect(try await bench.vault.open(slot, under: pseudonym, role: .subject, at: bench.place) == .erased)
        #expect(try await bench.vault.resolve(pseudonym) == nil)
    }

    @Test("an erased person is erased for every process and stays so; others are untouched")
    func erase() async throws {
        let bench = try await VaultBench()
        let (gone, stays) = (try await bench.admit("1"), try await bench.admit("2"))
        let slots = try [gone, stays].map { try bench.vault.seal([7], under: $0, role: .subject, at: bench.place) }
        try await bench.erase("1")
        for vault in [bench.vault, try await bench.otherVault()] {
            #expect(try await vault.standing(of: person("1"), as: .subject) == .erased)
            #expect(try await vault.admit(person("1"), as: .subject) == .erased)
            #expect(try await vault.open(slots[0], under: gone, role: .subject, at: bench.place) == .erased)
            #expect(try await vault.open(slots[1], under: stays, role: .subject, at: bench.place) == .plaintext([7]))
            #expect(try await vault.counts() == (1, 1))
        }
        #expect(try await bench.vault.pendingErasures().isEmpty)
        #expect(try await bench.begin("1") == nil)
    }

    @Test("erasing one role leaves the other")
    func oneRole() async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let acting = try await bench.admit("1", as: .acting)
        try await bench.erase("1", [.subject])
        #expect(try await bench.vault.standing(of: person("1"), as: .acting) == .active(acting))
        try await bench.erase("1", [.subject, .acting])
        #expect(try await bench.vault.standing(of: person("1"), as: .acting) == .erased)
    }

    @Test("beginning twice gives the first ticket; each step may be repeated, also after a restart")
    func idempotent() async throws {
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        let first = try #require(try await bench.begin("1"))
        let second = try #require(try await bench.begin("1"))
        #expect(second.erasure == first.erasure && second.started == first.started && second.completed == first.completed)
        #expect(!first.wasUnderWay && second.wasUnderWay)

        let restarted = try await bench.otherVault()
        let resumed = try #require(try await restarted.pendingErasures().first)
        #expect(resumed.erasure == first.erasure && !resumed.destroyed)
        for _ in 0..<2 { try await restarted.destroyKeys(resumed, fenceUntil: bench.clock.today + 1) }
        #expect(try await restarted.pendingErasures().first?.destroyed == true)
        for _ in 0..<2 { try await restarted.probe(resumed) }
        for _ in 0..<2 { try await restarted.finishErasure(resumed) }
        try await restarted.destroyKeys(resumed, fenceUntil: 0)
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .erased)
        #expect(try await bench.store.epoch() == 1)
    }

    @Test("the probe fails while a key still opens, and finishing is refused")
    func probe() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let ticket = try #require(try await bench.begin("1"))
        await #expect(throws: VaultError.stillOpens) { try await bench.vault.probe(ticket) }
        await #expect(throws: VaultError.erasureOutOfStep) { try await bench.vault.finishErasure(ticket) }
        let row = try #require(try await bench.store.keys([pseudonym])[0])
        try await bench.vault.destroyKeys(ticket, fenceUntil: 0)
        try await bench.vault.probe(ticket)
        await bench.store.tamper(with: pseudonym) { $0.wrappedKey = row.wrappedKey }
        await #expect(throws: VaultError.stillOpens) { try await bench.vault.probe(ticket) }
    }

    @Test("a held person is not erased until the hold is released; a replay from the trail goes ahead")
    func held() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        #expect(try await bench.vault.setHold(true, on: person("1")))
        #expect(try await bench.vault.isHeld(person("1")))
        await #expect(throws: VaultError.held) { try await bench.begin("1") }
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .active(pseudonym))
        try await bench.vault.setHold(false, on: person("1"))
        #expect(try await bench.begin("1") != nil)

        let other = try await bench.admit("2")
        try await bench.vault.setHold(true, on: person("2"))
        func begin(_ respectingHolds: Bool) async throws -> ErasureTicket? {
            try await bench.vault.beginErasure(
                of: [other], started: .random(), completed: .random(), erasure: .random(), respectingHolds: respectingHolds)
        }
        await #expect(throws: VaultError.held) { try await begin(true) }
        #expect(try await begin(false) != nil)
        #expect(try await bench.vault.setHold(true, on: person("nobody")) == false)
    }

    @Test("replaying an erasure for pseudonyms that the vault never saw keeps them as erased")
    func replay() async throws {
        let bench = try await VaultBench()
        let known = try await bench.admit("1")
        let stranger = Pseudonym.random()
        let ticket = try #require(
            try await bench.vault.beginErasure(of: [known, stranger], started: .random(), completed: .random(), erasure: .random()))
        try await bench.vault.destroyKeys(ticket, fenceUntil: 0)
        try await bench.vault.probe(ticket)
        try await bench.vault.finishErasure(ticket)
        #expect(try await bench.vault.load(stranger, role: .subject) == .erased)
        #expect(
            try await bench.vault.beginErasure(of: [known, stranger], started: .random(), completed: .random(), erasure: .random()) == nil)
    }

    @Test("a damaged key row does not keep its owner from being erased")
    func damagedRow() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        await bench.store.tamper(with: pseudonym) { $0.identity?[40] ^= 1 }
        try await bench.erase("1")
        #expect(try await bench.otherVault().standing(of: person("1"), as: .subject) == .erased)
    }

    @Test("a fence holds until its last day is over; without one a returning person is new")
    func fences() async throws {
        let bench = try await VaultBench()
        let (one, two, three) = (try await bench.admit("1"), try await bench.admit("2"), try await bench.admit("3"))
        try await bench.erase("1", fenceDays: 2)
        try await bench.erase("2", fenceDays: 0)
        try await bench.erase("3", fenceDays: 2)
        #expect(try await bench.admit("2") != two)
        try await bench.vault.readmit(person("3"), as: [.subject])
        #expect(try await bench.admit("3") != three)
        bench.clock.advance(days: 2)
        #expect(try await bench.vault.admit(person("1"), as: .subject) == .erased)
        bench.clock.advance(days: 1)
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .unknown)
        #expect(try await bench.admit("1") != one)
    }

    @Test("a deferred acting key lives until its day and is then found")
    func deferred() async throws {
        let bench = try await VaultBench()
        let acting = try await bench.admit("1", as: .acting)
        let due = try await bench.vault.deferErasure(of: person("1"), dueDay: 21_000)
        #expect(due == DueKey(pseudonym: acting, role: .acting, dueDay: 21_000))
        #expect(try await bench.vault.standing(of: person("1"), as: .acting) == .active(acting))
        #expect(try await bench.vault.dueErasures(on: 20_999).isEmpty)
        #expect(try await bench.vault.dueErasures(on: 21_000) == [DueKey(pseudonym: acting, role: .acting, dueDay: 21_000)])
        #expect(try await bench.vault.deferErasure(of: person("2"), dueDay: 1) == nil)
    }

    @Test("an erasure by another process is noticed within about a second")
    func otherProcess() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let other = try await bench.otherVault()
        _ = try await other.admit(person("1"), as: .subject)
        let slot = try other.seal([1], under: pseudonym, role: .subject, at: bench.place)
        try await bench.erase("1")
        bench.clock.advance(milliseconds: 1_300)
        #expect(try other.cachedStanding(of: person("1"), as: .subject) == nil)
        #expect(throws: VaultError.keyNotLoaded) { try other.seal([1], under: pseudonym, role: .subject, at: bench.place) }
        #expect(try await other.open(slot, under: pseudonym, role: .subject, at: bench.place) == .erased)
        #expect(try await other.admit(person("1"), as: .subject) == .erased)
    }

    @Test("vaults that share a board notice each other's erasures at once")
    func sharedBoard() async throws {
        let (store, keyring, clock, board) = (InMemoryVaultStore(), try InMemoryKeyring(), TestClock(), InProcessEpochBoard())
        let place = SlotPlace(trail: .random(), entry: .random(), slot: 0)
        let first = try await Vault.create(
            store: store, keyring: keyring, trail: place.trail, now: clock.now, board: board, slabCapacity: 64)
        let second = try await Vault.open(store: store, keyring: keyring, now: clock.now, board: board, slabCapacity: 64)
        guard case .active(let pseudonym) = try await second.admit(person("1"), as: .subject) else { return #expect(Bool(false)) }
        let ticket = try #require(
            try await first.beginErasure(of: person("1"), roles: [.subject], started: .random(), completed: .random(), erasure: .random()))
        _ = try second.seal([1], under: pseudonym, role: .subject, at: place)
        try await first.destroyKeys(ticket, fenceUntil: 0)
        #expect(throws: VaultError.keyNotLoaded) { try second.seal([1], under: pseudonym, role: .subject, at: place) }
    }

    @Test("admissions that race with an erasure never leave a usable key behind", .timeLimit(.minutes(60)))
    func race() async throws {
        let bench = try await VaultBench()
        let vault = bench.vault
        for round in 0..<50 {
            let pseudonym = try await bench.admit("\(round)")
            async let ticket = bench.begin("\(round)")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try? await vault.admit(person("\(round)"), as: .subject) } }
            }
            _ = try await ticket
            #expect(throws: VaultError.keyNotLoaded) { try vault.seal([1], under: pseudonym, role: .subject, at: bench.place) }
        }
    }
}
