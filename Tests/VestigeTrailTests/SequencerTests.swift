import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("The sequencer")
struct SequencerTests {
    @Test("64 writers of 50 entries each get places that are dense and their own")
    func concurrent() async throws {
        let fixture = try TrailFixture()
        let receipts = try await withThrowingTaskGroup(of: [Appended].self) { group in
            for worker in 0..<64 {
                group.addTask { [trail = fixture.trail] in
                    var receipts: [Appended] = []
                    for round in 0..<50 {
                        let entry = try TrailFixture.entry(worker * 50 + round)
                        let receipt = try await trail.append(entry)
                        #expect(receipt.id == entry.header.id && receipt.isNew)
                        // A writer who waits for each receipt sees its own entries in order.
                        if let last = receipts.last { #expect(last.seq < receipt.seq) }
                        receipts.append(receipt)
                    }
                    return receipts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(receipts.map(\.seq).sorted() == Array(0..<3200))
        let stored = try await fixture.trail.entries(receipts.map(\.seq))
        #expect(stored.map { Leaf(decoding: $0.leaf)?.id } == receipts.map(\.id))
        #expect(stored.map { Leaf(decoding: $0.leaf)?.recordedAt } == receipts.map(\.recordedAt))
        #expect(try await fixture.trail.checkpoint().size == 3200)
        #expect(try await fixture.expectIntact())
    }

    @Test("An id twice is recorded once, in one batch and in two, and gets the same place")
    func duplicates() async throws {
        let fixture = try TrailFixture()
        let entry = try TrailFixture.entry(1)
        let again = try SealedEntry(header: entry.header, payload: Payload())
        let receipts = try await withThrowingTaskGroup(of: Appended.self) { [trail = fixture.trail] group in
            for number in 0..<40 { group.addTask { try await trail.append(number % 2 == 0 ? entry : again) } }
            return try await group.reduce(into: [Appended]()) { $0.append($1) }
        }
        #expect(Set(receipts.map(\.seq)) == [0])
        #expect(receipts.filter(\.isNew).count == 1)
        try await fixture.append(5)
        let late = try await fixture.trail.append(again)
        #expect(late.seq == 0 && !late.isNew && late.recordedAt == receipts.first?.recordedAt)
        #expect(try await fixture.trail.checkpoint().size == 6)
        #expect(try await fixture.expectIntact())
    }

    @Test("Two entries of one id in one commit are one")
    func twinsInOneCommit() throws {
        let fixture = try TrailFixture()
        let sequencer = Sequencer(store: fixture.store, signers: SignerSlot(fixture.signer), clock: { TrailFixture.start })
        let entry = try TrailFixture.entry(1)
        let outcomes = try sequencer.commit([entry, TrailFixture.entry(2), entry])
        #expect(outcomes.map(\.seq) == [0, 1, 0])
        #expect(outcomes.map(\.isNew) == [true, true, false])
    }

    @Test("A caller who hangs up cancels nobody: the entry is there")
    func cancelled() async throws {
        let fixture = try TrailFixture()
        let entries = try (0..<50).map(TrailFixture.entry)
        let tasks = entries.map { entry in Task { [trail = fixture.trail] in try await trail.append(entry) } }
        for task in tasks { task.cancel() }
        for (task, entry) in zip(tasks, entries) {
            let receipt = try await task.value
            #expect(try await fixture.trail.seq(of: entry.header.id) == receipt.seq)
        }
        #expect(try await fixture.expectIntact())
    }

    @Test("A store that fails fails all of the batch, writes nothing, and the next entry goes in")
    func storeFails() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(10)
        let before = fixture.store.snapshot
        fixture.store.failNextCommits(.max)
        await withTaskGroup(of: Void.self) { [trail = fixture.trail] group in
            for number in 0..<20 {
                group.addTask {
                    await #expect(throws: TrailError.storage("the test asked the commit to fail")) {
                        try await trail.append(TrailFixture.entry(number))
                    }
                }
            }
        }
        #expect(fixture.store.snapshot == before)
        fixture.store.failNextCommits(0)
        #expect(try await fixture.append(3).map(\.seq).sorted() == [10, 11, 12])
        #expect(try await fixture.expectIntact())
    }

    @Test("Two processes at one store, turn by turn and all at once, never fork")
    func twoTrails() async throws {
        let fixture = try TrailFixture()
        let other = try fixture.anotherTrail()
        for number in 0..<30 {
            let trail = number % 3 == 0 ? other : fixture.trail
            #expect(try await trail.append(TrailFixture.entry(number)).seq == UInt64(number))
        }
        let receipts = try await withThrowingTaskGroup(of: Appended.self) { group in
            for number in 0..<600 {
                let trail = number % 2 == 0 ? other : fixture.trail
                group.addTask { try await trail.append(TrailFixture.entry(number)) }
            }
            return try await group.reduce(into: [Appended]()) { $0.append($1) }
        }
        #expect(receipts.map(\.seq).sorted() == Array(30..<630))
        #expect(try await other.verify().verdict == .intact)
        #expect(try await fixture.expectIntact())
        #expect(fixture.store.snapshot.tiles.count == 2)
    }

    @Test("The recorded time never goes back, whatever the clock does")
    func clockBack() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(1)
        let early = try Trail.open(store: fixture.store, signer: fixture.signer, clock: { Timestamp(microseconds: 1_000_000) })
        #expect(try await early.append(TrailFixture.entry(9)).recordedAt == TrailFixture.start)
        #expect(try await fixture.expectIntact())
    }

    @Test("One checkpoint an hour is kept")
    func kept() async throws {
        let fixture = try TrailFixture()
        let hour = Sequencer.keptCheckpointInterval
        for minute in stride(from: Int64(0), to: 240, by: 10) {
            let now = TrailFixture.start.adding(microseconds: minute * hour / 60)
            let trail = try Trail.open(store: fixture.store, signer: fixture.signer, clock: { now })
            _ = try await trail.append(TrailFixture.entry(Int(minute)))
        }
        let hours = Set((0..<24).map { (TrailFixture.start.microseconds + $0 * 10 * hour / 60) / hour })
        // The one of the empty trail stands with them.
        #expect(try fixture.store.keptCheckpoints().count == hours.count + 1)
        #expect(try await fixture.expectIntact())
    }

    @Test("A closed trail takes nothing more")
    func closed() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(2)
        try fixture.trail.close()
        await #expect(throws: TrailError.closed) { try await fixture.trail.append(TrailFixture.entry(3)) }
        #expect(fixture.store.snapshot.leafCount == 2)
    }

    @Test("A store changed behind its back is refused, and nothing more is written", arguments: [false, true])
    func inconsistent(leafIsGone: Bool) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(20)
        fixture.store.mutate { contents in
            if leafIsGone { contents.leaves[19] = nil } else { contents.leaves[19]?[60] ^= 1 }
        }
        let before = fixture.store.snapshot
        #expect(throws: TrailError.self) { try fixture.anotherTrail() }
        if leafIsGone { await #expect(throws: TrailError.self) { try await fixture.trail.append(TrailFixture.entry(1)) } }
        #expect(leafIsGone ? fixture.store.snapshot == before : true)
    }

    @Test(
        "A row that says a later time than the newest entry sets no time: neither for what comes next, nor for what is old",
        arguments: [1, 256, 300])
    func raisedTime(count: Int) async throws {
        let fixture = try TrailFixture()
        let other = try fixture.anotherTrail()
        try await fixture.append(count)
        fixture.store.mutate { contents in
            guard let head = contents.head else { return }
            contents.head = StoredHead(size: head.size, recordedAt: head.recordedAt.adding(days: 300), checkpoint: head.checkpoint)
        }
        let refused = TrailError.inconsistent("the row of the newest checkpoint is of another time than the newest entry")
        let entry = try TrailFixture.entry(count)
        await #expect(throws: refused) { try await other.append(entry) }
        #expect(throws: refused) { try fixture.anotherTrail() }
        #expect(try await other.newestTime() == TrailFixture.start)
        #expect(try await other.trustedTime(TrailFixture.start.adding(days: 300)) == TrailFixture.start)
        // Whoever had it in memory goes on by what it knows, and puts the row right.
        _ = try await fixture.trail.append(entry)
        #expect(try await other.append(TrailFixture.entry(count + 1)).recordedAt == TrailFixture.start.adding(microseconds: 5))
        #expect(try await fixture.expectIntact())
    }

    @Test("The median is that of the commits")
    func median() {
        var sizes = BatchSizes()
        #expect(sizes.median == 0)
        for size in [1, 1, 5, 9, 100] { sizes.count(size) }
        #expect(sizes.median == 5)
    }
}
