import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

@Suite("A trail")
struct TrailTests {
    @Test("It begins with a checkpoint of nothing, kept for good, and begins once")
    func create() async throws {
        let fixture = try TrailFixture()
        let checkpoint = try await fixture.trail.checkpoint()
        #expect(checkpoint.head == .empty)
        #expect(try fixture.store.keptCheckpoints().map(\.note) == [checkpoint.note])
        #expect(try await fixture.expectIntact())
        #expect(throws: TrailError.alreadyExists) {
            try Trail.create(store: fixture.store, signer: fixture.signer, clock: { TrailFixture.start })
        }
    }

    @Test("It opens again and goes on", arguments: [1, 255, 256, 257, 600])
    func reopen(count: Int) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(count)
        let again = try TrailFixture(contents: fixture.store.snapshot, signer: fixture.signer)
        #expect(try await again.append(300).map(\.seq).sorted() == Array(UInt64(count)..<UInt64(count) + 300))
        #expect(try await again.expectIntact())
    }

    @Test("It opens only under its own key and origin")
    func foreignKeys() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(3)
        let clock: Clock = { TrailFixture.start }
        let otherKey = try CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        #expect(throws: TrailError.badSignature(name: TrailFixture.origin)) {
            try Trail.open(store: fixture.store, signer: otherKey, clock: clock)
        }
        let otherOrigin = try CheckpointSigner(origin: "elsewhere.example/log", key: .generate())
        #expect(throws: TrailError.self) { try Trail.open(store: fixture.store, signer: otherOrigin, clock: clock) }
        let empty = InMemoryTrailStore(identity: fixture.store.identity)
        #expect(throws: TrailError.self) { try Trail.open(store: empty, signer: fixture.signer, clock: clock) }
        #expect(throws: TrailError.self) { try Trail.create(store: empty, signer: otherOrigin, clock: clock) }
    }

    @Test("A clock over 366 days ahead of the newest entry is refused until it is accepted")
    func clockAhead() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(1)
        let clock: Clock = { TrailFixture.start.adding(days: 367) }
        #expect(throws: TrailError.clockAhead(days: 367)) { try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock) }
        _ = try Trail.open(store: fixture.store, signer: fixture.signer, clock: clock, acceptingClock: true)
        _ = try Trail.open(store: fixture.store, signer: fixture.signer, clock: { TrailFixture.start.adding(days: 366) })
    }

    @Test("Each entry is proved against the newest checkpoint; one that is not there is not")
    func proofs() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(300)
        for seq in [UInt64(0), 1, 255, 256, 298, 299] {
            let (entry, proof, checkpoint) = try await fixture.trail.proof(of: seq)
            #expect(entry.seq == seq && proof.index == seq && checkpoint.size == 300)
            #expect(proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head))
            #expect(!proof.verifies(leafHash: TreeHash.leaf(entry.leaf + [0]), in: checkpoint.head))
        }
        await #expect(throws: TrailError.notFound(seq: 300)) { _ = try await fixture.trail.proof(of: 300) }
    }

    @Test("A proof from a damaged tile is not given out")
    func damagedProof() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(300)
        fixture.store.mutate { contents in
            contents.tiles[TileName(level: 0, index: 0)] = Tile(
                level: 0, index: 0, hashes: [Bytes32](repeating: TreeHash.empty, count: 256))
        }
        await #expect(throws: TrailError.self) { _ = try await fixture.trail.proof(of: 3) }
    }

    @Test("Search, page and count go through to the store")
    func search() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(70)
        let person = try #require(TrailFixture.header(3).subjects.first)
        var query = IndexQuery(limit: 4)
        query.terms = [[Term(.lookedAt, person)]]
        let found = try await fixture.trail.search(query)
        #expect(found.count == 4 && found == found.sorted(by: >))
        #expect(try await fixture.trail.page(query).map(\.seq) == found)
        #expect(try await fixture.trail.count(query, ceiling: 100) == 10)
        #expect(IndexQuery(limit: .max).limit == IndexQuery.limitMax)
        #expect(IndexQuery(limit: -1).limit == 0)
    }

    @Test("No message of an error holds anything of an entry")
    func messages() {
        let errors: [TrailError] = [
            .malformedJSON(expected: "x", offset: 1), .malformedPayload(offset: 2), .malformedNote("x"), .malformedVerifierKey("x"),
            .malformedWitnessKey("x"),
            .badSignature(name: "x"), .entryTooLarge(byteCount: 3), .missingLeaves(first: 1, count: 2), .inconsistent("x"),
            .notFound(seq: 4), .beyond(size: 4, asked: 5),
            .foreignFile("x"), .alreadyExists, .keyChanged, .clockAhead(days: 400), .storage("x"), .closed,
        ]
        for error in errors { #expect(!error.description.isEmpty) }
        #expect(Set(errors.map(\.description)).count >= errors.count - 1)
    }
}
