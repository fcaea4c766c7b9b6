import Synchronization
import TestSupport
import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeVault

@Suite struct AdmissionTests {
    @Test("asking for a standing mints nobody")
    func standingMintsNobody() async throws {
        let bench = try await VaultBench()
        #expect(try await bench.vault.standing(of: person("1"), as: .subject) == .unknown)
        #expect(try bench.vault.cachedStanding(of: person("1"), as: .subject) == nil)
        #expect(try await bench.vault.counts() == (0, 0))
        #expect(await bench.store.commitCount == 0)
    }

    @Test("a person keeps one pseudonym for each role")
    func roles() async throws {
        let bench = try await VaultBench()
        let subject = try await bench.admit("1")
        let acting = try await bench.admit("1", as: .acting)
        #expect(subject != acting)
        #expect(try await bench.admit("1") == subject)
        #expect(try bench.vault.cachedStanding(of: person("1"), as: .acting) == .active(acting))
        #expect(try await bench.otherVault().standing(of: person("1"), as: .subject) == .active(subject))
    }

    @Test("two hundred callers at once mint one key, in few commits")
    func concurrentAdmits() async throws {
        let bench = try await VaultBench()
        let vault = bench.vault
        let pseudonyms = try await withThrowingTaskGroup(of: Standing.self) { group in
            for _ in 0..<200 { group.addTask { try await vault.admit(person("1"), as: .subject) } }
            return try await group.reduce(into: Set<String>()) { $0.insert("\($1)") }
        }
        #expect(pseudonyms.count == 1)
        #expect(try await vault.counts() == (1, 0))
        #expect(await bench.store.commitCount == 1)
    }

    @Test("two hundred people at once share commits")
    func groupedCommits() async throws {
        let bench = try await VaultBench()
        // The first commit takes, as on a slow disk, until all of them wait.
        let disk = AsyncStream.makeStream(of: Void.self)
        let post = Meanwhile(.beforeItTakesEffect, "insert") { for await _ in disk.stream {} }
        post.arm()
        let vault = try await Vault.open(
            store: InterruptedVaultStore(bench.store, past: post), keyring: bench.keyring, now: bench.clock.now, slabCapacity: 4_096)
        let admitting = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 { group.addTask { _ = try await vault.admit(person("\(number)"), as: .subject) } }
                try await group.waitForAll()
            }
        }
        let allWait = try await eventually { await vault.admissions.pendingCount == 200 }
        disk.continuation.finish()
        try await admitting.value
        #expect(allWait)
        #expect(try await vault.counts() == (200, 0))
        #expect(await bench.store.commitCount <= 2)
        let standings = try await vault.admit((0..<400).map { (try person("\($0)"), KeyRole.subject) })
        #expect(standings.count == 400)
        #expect(try await vault.counts() == (400, 0))
    }

    private final class Batches: Sendable {
        let count = Atomic(0)
    }

    @Test("people are let in while keys are wiped all the time")
    func wipes() async throws {
        let board = InProcessEpochBoard()
        let bench = try await VaultBench()
        let vault = try await Vault.open(store: bench.store, keyring: bench.keyring, now: bench.clock.now, board: board, slabCapacity: 64)
        let done = Batches()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Fewer in a batch than it has attempts: one that is slow is not wiped away for good.
                var (batch, wipes) = (0, 0)
                while !Task.isCancelled {
                    let current = done.count.load(ordering: .relaxed)
                    if current != batch { (batch, wipes) = (current, 0) }
                    if wipes < 10 {
                        try await board.publish(0)
                        wipes += 1
                    }
                    try? await Task.sleep(for: .milliseconds(wipes < 10 ? 3 : 1))
                }
            }
            for batch in 0..<300 {
                let people = try (0..<16).map { (try person("\(batch)-\($0)"), KeyRole.subject) }
                #expect(try await vault.admit(people).allSatisfy { if case .active = $0 { true } else { false } })
                done.count.wrappingAdd(1, ordering: .relaxed)
            }
            group.cancelAll()
        }
        #expect(try await vault.counts() == (4_800, 0))
    }

    @Test("two vaults on one store mint one key for a person")
    func twoProcesses() async throws {
        let bench = try await VaultBench()
        let vaults = [bench.vault, try await bench.otherVault()]
        let pseudonyms = try await withThrowingTaskGroup(of: Standing.self) { group in
            for number in 0..<100 {
                group.addTask { try await vaults[number % 2].admit(person("\(number / 10)"), as: .subject) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert("\($1)") }
        }
        #expect(pseudonyms.count == 10)
        #expect(try await bench.vault.counts() == (10, 0))
    }

    @Test("a caller who is cancelled cancels nobody's minting")
    func cancellation() async throws {
        let bench = try await VaultBench()
        let vault = bench.vault
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await vault.admit(person("1"), as: .subject)
        }
        let standing = try await task.value
        #expect(try await bench.otherVault().standing(of: person("1"), as: .subject) == standing)
    }

    @Test("more people than fit into locked memory are admitted, and all can be opened")
    func eviction() async throws {
        let bench = try await VaultBench(slabCapacity: 16)
        var slots: [(Pseudonym, [UInt8])] = []
        for number in 0..<100 {
            let pseudonym = try await bench.admit("\(number)")
            slots.append((pseudonym, try bench.vault.seal([UInt8(number)], under: pseudonym, role: .subject, at: bench.place)))
        }
        for (number, slot) in slots.enumerated() {
            let opened = try await bench.vault.open(slot.1, under: slot.0, role: .subject, at: bench.place)
            #expect(opened == .plaintext([UInt8(number)]))
        }
        #expect(throws: VaultError.keyNotLoaded) {
            try bench.vault.seal([], under: slots[0].0, role: .subject, at: bench.place)
        }
        try await bench.vault.load(slots[0].0, role: .subject)
        _ = try bench.vault.seal([], under: slots[0].0, role: .subject, at: bench.place)
    }

    @Test("a KEK that another process made current is taken up")
    func rotatedKEK() async throws {
        let bench = try await VaultBench()
        try bench.keyring.addKEK()
        await bench.store.rotate(to: 2)
        let pseudonym = try await bench.admit("1")
        #expect(try await bench.store.keys([pseudonym])[0]?.kek == 2)
    }

    @Test("visitors of one month share a key; a month has its form")
    func visitors() async throws {
        let bench = try await VaultBench()
        let november = try await bench.vault.visitor(month: "2026-11")
        #expect(try await bench.vault.visitor(month: "2026-11") == november)
        #expect(try await bench.vault.visitor(month: "2026-12") != november)
        _ = try bench.vault.seal([1], under: november, role: .visitor, at: bench.place)
        await #expect(throws: VaultError.invalidMonth) { try await bench.vault.visitor(month: "2026-1") }
    }

    @Test("a pseudonym resolves to its person, until they are erased")
    func resolve() async throws {
        let bench = try await VaultBench()
        let pseudonym = try await bench.admit("42")
        #expect(try await bench.vault.resolve(pseudonym) == person("42"))
        #expect(try await bench.vault.resolve(.random()) == nil)
        try await bench.erase("42")
        #expect(try await bench.vault.resolve(pseudonym) == nil)
    }
}
