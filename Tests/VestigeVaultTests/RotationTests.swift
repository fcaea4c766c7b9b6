import Synchronization
import Testing
import VestigeCrypto
import VestigeTesting
import VestigeVault

@Suite("Rotating the key-encryption key") struct RotationTests {
    /// A person with something sealed under their key.
    private func sealed(_ id: String, in bench: VaultBench) async throws -> (Pseudonym, [UInt8]) {
        let pseudonym = try await bench.admit(id)
        return (pseudonym, try bench.vault.seal([7], under: pseudonym, role: .subject, at: bench.place))
    }

    @Test("puts everything under a new KEK, destroys the old one, and everybody opens")
    func rotates() async throws {
        let bench = try await VaultBench()
        let (pseudonym, slot) = try await sealed("1", in: bench)
        let handle = try await bench.vault.handle(forRecord: "note", id: "9", of: person("1"))
        try await bench.vault.setHold(true, on: person("1"))
        let rotation = try await bench.vault.rotate()
        #expect(rotation.kek == 2 && rotation.rewrapped == 3 && !rotation.resumed)
        #expect(rotation.destroyed == [1] && rotation.remaining.isEmpty)
        #expect(try bench.keyring.kekIDs() == [2])
        let meta = try #require(try await bench.store.meta())
        #expect(meta.currentKEK == 2 && meta.leastKEK == 2 && meta.wrappedLookupKey[4] == 2)
        for vault in [bench.vault, try await bench.otherVault()] {
            #expect(try await vault.standing(of: person("1"), as: .subject) == .active(pseudonym))
            #expect(try await vault.open(slot, under: pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
            #expect(try await vault.resolve(pseudonym) == person("1"))
            #expect(try await vault.handle(forRecord: "note", id: "9", of: person("1")) == handle)
            #expect(try await vault.isHeld(person("1")))
        }
    }

    @Test("takes the blind index along and leaves links and host values as they are")
    func hostValues() async throws {
        let bench = try await VaultBench()
        let other = try await bench.otherVault()
        try await bench.vault.link(person("1"), person("one"))
        let value = try await bench.vault.seal("ana@example.org", for: person("1"), field: "f")
        for id in ["1", "2", "3"] { try await bench.vault.index([1], for: person(id), field: "f") }
        let rotation = try await bench.vault.rotate()
        // A key and a directory row for each of the two roles, two linked names, two more people, three blind rows.
        #expect(rotation.rewrapped == 13 && rotation.destroyed == [1])
        for vault in [bench.vault, other, try await bench.otherVault()] {
            #expect(try await vault.find(field: "f", equals: [1]).map(\.id) == ["1", "2", "3"])
            #expect(try await vault.identifiers(of: person("one")) == [person("1"), person("one")])
            #expect(try await vault.open(value, as: String.self, for: person("one"), field: "f") == .value("ana@example.org"))
            try await vault.index([2], for: person("2"), field: "f")
        }
        #expect(try await bench.store.wrappedPage(of: .blindIndex, after: nil, limit: 9).allSatisfy { $0.kek == 2 })
        try await bench.erase("1")
        #expect(try await other.find(field: "f", equals: [1]).map(\.id) == ["2", "3"])
    }

    @Test("can be done again and again")
    func again() async throws {
        let bench = try await VaultBench()
        let (pseudonym, slot) = try await sealed("1", in: bench)
        for kek in UInt32(2)...5 {
            #expect(try await bench.vault.rotate().kek == kek)
            #expect(try await bench.vault.open(slot, under: pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
            #expect(try await bench.admit("new \(kek)") != pseudonym)
        }
        #expect(try bench.keyring.kekIDs() == [5])
    }

    @Test("tells how far it came, and the status what is left")
    func progress() async throws {
        let bench = try await VaultBench()
        for id in 0..<30 { _ = try await bench.admit("\(id)") }
        let idle = try await bench.vault.keyStatus()
        #expect(idle == KeyStatus(current: 1, least: 1, rowsLeft: 0, keyring: [1], isRotating: false))
        let crash = Interruption(at: 12, .beforeItTakesEffect)
        let vault = try await Vault.open(
            store: InterruptedVaultStore(bench.store, by: crash, pageLimit: 10), keyring: bench.keyring, now: bench.clock.now,
            slabCapacity: 64)
        crash.arm()
        let seen = Mutex<[RotationProgress]>([])
        await #expect(throws: Interruption.CutShort.self) {
            try await vault.rotate(progress: { step in seen.withLock { $0.append(step) } })
        }
        let half = try await bench.vault.keyStatus()
        #expect(half.isRotating && half.current == 2 && half.least == 1 && half.keyring == [1, 2])
        #expect((1..<60).contains(half.rowsLeft))
        let steps = seen.withLock { $0 }
        #expect(steps.count > 1 && steps.map(\.share) == steps.map(\.share).sorted())
        #expect(steps.last?.rewrapped == 60 - half.rowsLeft)
        let rest = try await bench.vault.rotate()
        #expect(rest.resumed && rest.kek == 2 && rest.rewrapped == half.rowsLeft && rest.destroyed == [1])
        #expect(try await bench.vault.keyStatus() == KeyStatus(current: 2, least: 2, rowsLeft: 0, keyring: [2], isRotating: false))
    }

    @Test("a KEK that was made and not yet used is taken, and an old one left over is destroyed without a further rotation")
    func resumes() async throws {
        let bench = try await VaultBench()
        let (pseudonym, _) = try await sealed("1", in: bench)
        try bench.keyring.addKEK()
        #expect(try await bench.vault.rotate().kek == 2)

        // As if the crash had come just before the last step.
        let other = try await VaultBench()
        struct Stubborn: RotatingKeyring {
            let keyring: InMemoryKeyring
            var destroysKEKs: Bool { true }
            func currentKEK() throws(VaultError) -> UInt32 { try keyring.currentKEK() }
            func kek(_ id: UInt32) throws(VaultError) -> SecretKey { try keyring.kek(id) }
            func signingKey() throws(VaultError) -> SigningKey { try keyring.signingKey() }
            func origin() throws(VaultError) -> String { try keyring.origin() }
            func kekIDs() throws(VaultError) -> [UInt32] { try keyring.kekIDs() }
            func newKEK(after current: UInt32) throws(VaultError) -> UInt32 { try keyring.newKEK(after: current) }
            func destroyKEK(_ id: UInt32) throws(VaultError) { throw .unsettled }
        }
        let vault = try await Vault.open(
            store: other.store, keyring: Stubborn(keyring: other.keyring), now: other.clock.now, slabCapacity: 64)
        await #expect(throws: VaultError.unsettled) { try await vault.rotate() }
        #expect(try await other.vault.keyStatus() == KeyStatus(current: 2, least: 2, rowsLeft: 0, keyring: [1, 2], isRotating: true))
        let rest = try await other.vault.rotate()
        #expect(rest.kek == 2 && rest.resumed && rest.destroyed == [1])
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .active(pseudonym))
    }

    @Test("what must be said before the old KEK goes is said before, and holds the rotation up if it cannot be")
    func announcement() async throws {
        struct NotSaid: Error {}
        let bench = try await VaultBench()
        _ = try await bench.admit("1")
        await #expect(throws: NotSaid.self) { try await bench.vault.rotate(beforeRetiring: { _ in throw NotSaid() }) }
        let status = try await bench.vault.keyStatus()
        #expect(status.isRotating && status.least == 1 && status.rowsLeft == 0 && status.keyring == [1, 2])
        let said = Mutex<[UInt32]>([])
        let keyring = bench.keyring
        _ = try await bench.vault.rotate(beforeRetiring: { kek in
            let ids = try keyring.kekIDs()
            #expect(ids == [1, 2])
            said.withLock { $0.append(kek) }
        })
        #expect(said.withLock { $0 } == [2])
    }

    @Test("another process goes on: it reads under both KEKs, learns the new one when it mints, and lets go of the old one")
    func otherProcess() async throws {
        let bench = try await VaultBench()
        let (pseudonym, slot) = try await sealed("1", in: bench)
        let other = try await bench.otherVault()
        #expect(try await other.standing(of: person("1"), as: .subject) == .active(pseudonym))
        _ = try await bench.vault.rotate()
        guard case .active(let minted) = try await other.admit(person("2"), as: .subject) else { return #expect(Bool(false)) }
        #expect(try await bench.store.keys([minted])[0]?.kek == 2)
        #expect(try await other.open(slot, under: pseudonym, role: .subject, at: bench.place) == .plaintext([7]))
        bench.clock.advance(milliseconds: 1_500)
        #expect(try await other.admit(person("1"), as: .subject) == .active(pseudonym))
        #expect(try await bench.vault.admit(person("2"), as: .subject) == .active(minted))
    }

    @Test("another process lets go of the old KEK when it next looks at the epoch")
    func letsGo() async throws {
        let bench = try await VaultBench()
        let (pseudonym, _) = try await sealed("1", in: bench)
        let other = try await bench.otherVault()
        #expect(try await other.load(pseudonym, role: .subject) == .active(pseudonym))
        let old = try #require(try await bench.store.keys([pseudonym])[0]?.wrappedKey)
        _ = try await bench.vault.rotate()
        bench.clock.advance(milliseconds: 1_500)
        #expect(try await other.load(pseudonym, role: .subject) == .active(pseudonym))
        // Whoever puts the old bytes back finds nobody who could still open them.
        await bench.store.tamper(with: pseudonym) { $0.wrappedKey = old }
        // An erasure of somebody else makes both forget what they had loaded.
        _ = try await bench.admit("2")
        try await bench.erase("2")
        bench.clock.advance(milliseconds: 1_500)
        await #expect(throws: VaultError.kekMissing(id: 1)) { try await other.load(pseudonym, role: .subject) }
        await #expect(throws: VaultError.kekMissing(id: 1)) { try await bench.vault.load(pseudonym, role: .subject) }
    }

    @Test("a vault opened between the steps opens everybody")
    func between() async throws {
        let bench = try await VaultBench()
        for id in 0..<20 { _ = try await bench.admit("\(id)") }
        let store = InterruptedVaultStore(bench.store, by: Interruption(at: .max, .beforeItTakesEffect), pageLimit: 5)
        let rotating = try await Vault.open(store: store, keyring: bench.keyring, now: bench.clock.now, slabCapacity: 64)
        let statuses = Mutex<[Bool]>([])
        _ = try await rotating.rotate(beforeRetiring: { _ in
            let vault = try await bench.otherVault()
            for id in 0..<20 {
                guard case .active = try await vault.admit(person("\(id)"), as: .subject) else { throw VaultError.unknownPseudonym }
            }
            let isRotating = try await vault.keyStatus().isRotating
            statuses.withLock { $0.append(isRotating) }
        })
        #expect(statuses.withLock { $0 } == [true])
    }

    @Test("erased people stay erased, and whoever is being erased can be finished")
    func erasures() async throws {
        let bench = try await VaultBench()
        let (gone, slot) = try await sealed("gone", in: bench)
        try await bench.erase("gone")
        _ = try await bench.admit("going")
        let ticket = try #require(try await bench.begin("going"))
        #expect(try await bench.vault.rotate().rewrapped == 2)
        #expect(try await bench.vault.open(slot, under: gone, role: .subject, at: bench.place) == .erased)
        #expect(try await bench.vault.admit(person("gone"), as: .subject) == .erased)
        try await bench.vault.destroyKeys(ticket, fenceUntil: bench.clock.today + 1)
        try await bench.vault.probe(ticket)
        try await bench.vault.finishErasure(ticket)
        #expect(try await bench.otherVault().standing(of: person("going"), as: .subject) == .erased)
    }

    @Test("a rotation that others overtake twice ends well")
    func overtaken() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("1")
        let meanwhile = Meanwhile(.afterItTookEffect, "raiseCurrentKEK") {
            for _ in 0..<2 { _ = try await bench.vault.rotate() }
        }
        let other = try await Vault.open(
            store: InterruptedVaultStore(bench.store, past: meanwhile), keyring: bench.keyring, now: bench.clock.now, slabCapacity: 64)
        meanwhile.arm()
        _ = try await other.rotate()
        #expect(meanwhile.happened)
        #expect(try await bench.vault.keyStatus().keyring == [3])
        #expect(try await other.standing(of: person("1"), as: .subject) == .active(pseudonym))
    }

    @Test("losing the old KEK in the middle is said as such; what is under the new one still opens, and putting it back mends it")
    func lostKEK() async throws {
        let bench = try await VaultBench()
        for id in 0..<20 { _ = try await bench.admit("\(id)") }
        let crash = Interruption(at: 8, .beforeItTakesEffect)
        let halfway = try await Vault.open(
            store: InterruptedVaultStore(bench.store, by: crash, pageLimit: 5), keyring: bench.keyring, now: bench.clock.now,
            slabCapacity: 64)
        crash.arm()
        await #expect(throws: Interruption.CutShort.self) { try await halfway.rotate() }
        let lost = try bench.keyring.lose(1)
        let restarted = try await bench.otherVault()
        let error = await #expect(throws: VaultError.self) { try await restarted.rotate() }
        #expect(error == .kekMissing(id: 1))
        #expect(error.map { "\($0)".contains("Put it back from the sealed copy of the keyring") } == true)
        var (opened, refused) = (0, 0)
        for id in 0..<20 {
            do {
                _ = try await restarted.admit(person("\(id)"), as: .subject)
                opened += 1
            } catch VaultError.kekMissing(id: 1) { refused += 1 }
        }
        // A person opens once both rows are under the new KEK; directory rows come last.
        #expect(opened + refused == 20 && refused > 0)
        #expect(try await restarted.keyStatus().isRotating)
        bench.keyring.restore(lost)
        #expect(try await restarted.rotate().destroyed == [1])
        for id in 0..<20 { #expect(try await restarted.standing(of: person("\(id)"), as: .subject) != .unknown) }
    }

    @Test("a row that does not open keeps its KEK alive; everything else is rewrapped, and erasing its owner lets it go")
    func damaged() async throws {
        let bench = try await VaultBench()
        let (pseudonym, _) = try await sealed("1", in: bench)
        _ = try await bench.admit("2")
        await bench.store.tamper(with: pseudonym) { $0.wrappedKey?[40] ^= 1 }
        await #expect(throws: VaultError.rowsUnreadable(count: 1)) { try await bench.vault.rotate() }
        let status = try await bench.vault.keyStatus()
        #expect(status.isRotating && status.rowsLeft == 1 && status.keyring == [1, 2])
        try await bench.erase("1")
        #expect(try await bench.vault.rotate().destroyed == [1])
    }

    @Test("a keyring that cannot rotate is refused before anything is changed")
    func fixedKeyring() async throws {
        struct Fixed: Keyring {
            let keyring: InMemoryKeyring
            func currentKEK() throws(VaultError) -> UInt32 { try keyring.currentKEK() }
            func kek(_ id: UInt32) throws(VaultError) -> SecretKey { try keyring.kek(id) }
            func signingKey() throws(VaultError) -> SigningKey { try keyring.signingKey() }
            func origin() throws(VaultError) -> String { try keyring.origin() }
        }
        let bench = try await VaultBench()
        let vault = try await Vault.open(
            store: bench.store, keyring: Fixed(keyring: bench.keyring), now: bench.clock.now, slabCapacity: 64)
        await #expect(throws: VaultError.keyring(.fixed)) { try await vault.rotate() }
        #expect(try await vault.keyStatus() == KeyStatus(current: 1, least: 1, rowsLeft: 0, keyring: nil, isRotating: false))
    }

    @Test("two rotations at once, minting and erasing beside them, lose nobody", .timeLimit(.minutes(60)))
    func beside() async throws {
        let bench = try await VaultBench()
        for id in 0..<40 { _ = try await bench.admit("\(id)") }
        let vaults = [bench.vault, try await bench.otherVault(), try await bench.otherVault()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for vault in vaults.prefix(2) {
                group.addTask { for _ in 0..<5 { _ = try await vault.rotate() } }
            }
            group.addTask {
                for id in 40..<200 { _ = try await vaults[2].admit(person("\(id)"), as: .subject) }
            }
            group.addTask { for id in 0..<10 { try await bench.erase("\(id)") } }
            try await group.waitForAll()
        }
        _ = try await bench.vault.rotate()
        let fresh = try await bench.otherVault()
        for id in 0..<200 {
            guard case .active = try await fresh.admit(person("\(id)"), as: .subject) else {
                #expect(id < 10, "a living person does not open")
                continue
            }
            #expect(id >= 10, "an erased person opens")
        }
        #expect(try await fresh.counts() == (190, 10))
        #expect(try bench.keyring.kekIDs().count == 1)
    }
}
