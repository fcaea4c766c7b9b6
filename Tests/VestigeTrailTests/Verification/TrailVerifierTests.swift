import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

/// Something done to a stored trail of 600 entries, and what must be found.
struct Attack: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: TrailFinding.Kind
    /// `nil` where the finding has no place.
    let seq: UInt64?
    let change: @Sendable (inout TrailContents, CheckpointSigner) throws -> Void

    init(
        _ name: String, _ kind: TrailFinding.Kind, at seq: UInt64?,
        _ change: @escaping @Sendable (inout TrailContents, CheckpointSigner) throws -> Void
    ) {
        self.name = name
        self.kind = kind
        self.seq = seq
        self.change = change
    }

    var testDescription: String { name }

    private static func body(
        _ contents: inout TrailContents, _ seq: UInt64, header: ([UInt8]) -> [UInt8] = { $0 }, payload: ([UInt8]) -> [UInt8] = { $0 },
        headerSalt: ([UInt8]) -> [UInt8] = { $0 }, payloadSalt: ([UInt8]) -> [UInt8] = { $0 }
    ) {
        guard let old = contents.bodies[seq] else { return }
        contents.bodies[seq] = StoredEntry.Body(
            headerSalt: headerSalt(old.headerSalt), header: header(old.header), payloadSalt: payloadSalt(old.payloadSalt),
            payload: payload(old.payload))
    }

    private static func flip(_ place: Int) -> @Sendable ([UInt8]) -> [UInt8] {
        { bytes in
            var changed = bytes
            changed[place] ^= 1
            return changed
        }
    }

    /// A whole entry that hangs together, in place of another.
    private static func replace(_ contents: inout TrailContents, _ seq: UInt64) throws {
        let entry = try TrailFixture.entry(4711)
        contents.leaves[seq] = entry.leaf(recordedAt: TrailFixture.start).encoded()
        contents.bodies[seq] = StoredEntry.Body(
            headerSalt: entry.headerSalt, header: entry.headerBytes, payloadSalt: entry.payloadSalt, payload: entry.payloadBytes)
        contents.index[seq] = IndexRow(seq: seq, header: entry.header)
        contents.terms = contents.terms.filter { $0.seq != seq }
        for term in Term.all(of: entry.header) { contents.terms.insert(TermPlace(term: term, seq: seq)) }
    }

    private static func remove(_ contents: inout TrailContents, _ seq: UInt64) {
        contents.leaves[seq] = nil
        contents.bodies[seq] = nil
        contents.index[seq] = nil
        contents.terms = contents.terms.filter { $0.seq != seq }
    }

    private static func setNote(_ contents: inout TrailContents, size: UInt64? = nil, _ note: String) {
        guard let old = contents.head else { return }
        contents.head = StoredHead(size: size ?? old.size, recordedAt: old.recordedAt, checkpoint: note)
    }

    private static let stranger = Bytes16([UInt8](repeating: 9, count: 16)) ?? .zero

    static let onBodies: [Attack] = [
        Attack("a header byte changed", .header, at: 300) { contents, _ in body(&contents, 300, header: flip(40)) },
        Attack("a header rewritten with another actor", .header, at: 0) { contents, _ in
            body(&contents, 0, header: { _ in TrailFixture.header(5).encoded() })
        },
        Attack("a header salt changed", .header, at: 301) { contents, _ in body(&contents, 301, headerSalt: flip(31)) },
        Attack("a payload byte changed", .payload, at: 302) { contents, _ in body(&contents, 302, payload: flip(10)) },
        Attack("a payload cut", .payload, at: 303) { contents, _ in body(&contents, 303, payload: { $0.dropLast() }) },
        Attack("a payload salt changed", .payload, at: 599) { contents, _ in body(&contents, 599, payloadSalt: flip(0)) },
        Attack("a byte moved from salt to header", .header, at: 5) { contents, _ in
            let salt = contents.bodies[5]?.headerSalt ?? []
            body(&contents, 5, header: { [salt[31]] + $0 }, headerSalt: { $0.dropLast() })
        },
        Attack("a body deleted", .missing, at: 304) { contents, _ in contents.bodies[304] = nil },
        Attack("two bodies swapped", .header, at: 11) { contents, _ in
            let old = contents.bodies[10]
            contents.bodies[10] = contents.bodies[11]
            contents.bodies[11] = old
        },
        Attack("a body beyond the trail", .stray, at: 900) { contents, _ in contents.bodies[900] = contents.bodies[1] },
    ]

    static let onTree: [Attack] = [
        Attack("a leaf's header hash changed", .header, at: 305) { contents, _ in contents.leaves[305]?[30] ^= 1 },
        Attack("a leaf's payload hash changed", .payload, at: 305) { contents, _ in contents.leaves[305]?[88] ^= 1 },
        Attack("a leaf changed, as the root sees it", .checkpoint, at: nil) { contents, _ in contents.leaves[305]?[24] ^= 1 },
        Attack("a leaf changed, as its tile sees it", .tile, at: 511) { contents, _ in contents.leaves[305]?[24] ^= 1 },
        Attack("a leaf of another version", .leaf, at: 306) { contents, _ in contents.leaves[306]?[0] = 2 },
        Attack("a leaf set back in time", .leaf, at: 307) { contents, _ in contents.leaves[307]?[18] = 0 },
        Attack("two whole entries swapped", .checkpoint, at: nil) { contents, _ in
            for (one, other) in [(UInt64(580), UInt64(590))] {
                (contents.leaves[one], contents.leaves[other]) = (contents.leaves[other], contents.leaves[one])
                (contents.bodies[one], contents.bodies[other]) = (contents.bodies[other], contents.bodies[one])
            }
        },
        Attack("an entry replaced by another that hangs together", .checkpoint, at: nil) { contents, _ in try replace(&contents, 550) },
        Attack("the last entry deleted", .size, at: 599) { contents, _ in remove(&contents, 599) },
        Attack("the last leaf deleted", .stray, at: 599) { contents, _ in contents.leaves[599] = nil },
        Attack("an entry in the middle deleted", .size, at: 200) { contents, _ in remove(&contents, 200) },
        Attack("all entries deleted", .size, at: 0) { contents, _ in for seq in UInt64(0)..<600 { remove(&contents, seq) } },
        Attack("an entry added behind the newest checkpoint", .size, at: 600) { contents, _ in try replace(&contents, 600) },
        Attack("a tile changed", .tile, at: 255) { contents, _ in
            guard let tile = contents.tiles[TileName(level: 0, index: 0)] else { return }
            contents.tiles[TileName(level: 0, index: 0)] = Tile(level: 0, index: 0, hashes: [TreeHash.empty] + tile.hashes.dropFirst())
        },
        Attack("a tile deleted", .tile, at: 511) { contents, _ in contents.tiles[TileName(level: 0, index: 1)] = nil },
        Attack("a tile beyond the trail", .stray, at: 2) { contents, _ in
            contents.tiles[TileName(level: 0, index: 2)] = contents.tiles[TileName(level: 0, index: 1)]
        },
    ]

    static let onIndex: [Attack] = [
        Attack("an index row changed", .index, at: 308) { contents, _ in contents.index[308]?.channel = "auth" },
        Attack("an index row with another time", .index, at: 308) { contents, _ in contents.index[308]?.occurredAt = TrailFixture.start },
        Attack("an index row without its purpose", .index, at: 308) { contents, _ in contents.index[308]?.purpose = nil },
        Attack("an index row deleted", .index, at: 309) { contents, _ in contents.index[309] = nil },
        Attack("an index row beyond the trail", .stray, at: 700) { contents, _ in contents.index[700] = contents.index[1] },
        Attack("a term removed", .index, at: 310) { contents, _ in
            guard let term = contents.terms.first(where: { $0.seq == 310 && $0.term.kind == .lookedAt }) else { return }
            contents.terms.remove(term)
        },
        Attack("all terms of an entry removed", .index, at: 311) { contents, _ in contents.terms = contents.terms.filter { $0.seq != 311 }
        },
        Attack("a term added", .index, at: 312) { contents, _ in
            contents.terms.insert(TermPlace(term: Term(.lookedAt, stranger), seq: 312))
        },
        Attack("a look listed as another act", .index, at: 313) { contents, _ in
            guard let place = contents.terms.first(where: { $0.seq == 313 && $0.term.kind == .lookedAt }) else { return }
            contents.terms.remove(place)
            contents.terms.insert(TermPlace(term: Term(.concerned, place.term.value), seq: 313))
        },
        Attack("a term beyond the trail", .stray, at: 800) { contents, _ in
            contents.terms.insert(TermPlace(term: Term(.lookedAt, stranger), seq: 800))
        },
    ]

    static let onCheckpoints: [Attack] = [
        Attack("the newest checkpoint gone", .checkpoint, at: nil) { contents, _ in contents.head = nil },
        Attack("the newest checkpoint signed by another key", .checkpoint, at: nil) { contents, signer in
            let forger = try CheckpointSigner(origin: signer.origin, key: .generate())
            var reader = TileReader(
                size: 600, tile: { _, _ in nil }, leaves: { [leaves = contents.leaves] range in range.compactMap { leaves[$0] } })
            setNote(&contents, forger.sign(try reader.edge().head).note)
        },
        Attack("the newest checkpoint signed for another root", .checkpoint, at: nil) { contents, signer in
            setNote(&contents, signer.sign(TreeHead(size: 600, root: TreeHash.empty)).note)
        },
        Attack("the newest checkpoint claims more entries", .size, at: 600) { contents, signer in
            setNote(&contents, size: 700, signer.sign(TreeHead(size: 700, root: TreeHash.empty)).note)
        },
        Attack("the newest checkpoint swapped for an old one", .checkpoint, at: nil) { contents, _ in
            setNote(&contents, contents.keptCheckpoints[0] ?? "")
        },
        Attack("the newest checkpoint and its row set back", .size, at: 0) { contents, _ in
            setNote(&contents, size: 0, contents.keptCheckpoints[0] ?? "")
        },
        Attack("the newest checkpoint's size edited", .checkpoint, at: nil) { contents, _ in
            setNote(&contents, contents.head?.checkpoint.replacing("\n600\n", with: "\n601\n") ?? "")
        },
        Attack("the newest checkpoint not a note", .checkpoint, at: nil) { contents, _ in setNote(&contents, "600") },
        Attack("a kept checkpoint of another history", .checkpoint, at: nil) { contents, signer in
            contents.keptCheckpoints[300] = signer.sign(TreeHead(size: 300, root: TreeHash.empty)).note
        },
        Attack("a kept checkpoint of another empty trail", .checkpoint, at: nil) { contents, signer in
            contents.keptCheckpoints[0] = signer.sign(TreeHead(size: 0, root: TreeHash.leaf([]))).note
        },
        Attack("a kept checkpoint by another key", .checkpoint, at: nil) { contents, signer in
            let forger = try CheckpointSigner(origin: signer.origin, key: .generate())
            contents.keptCheckpoints[300] = forger.sign(TreeHead(size: 300, root: TreeHash.empty)).note
        },
    ]
}

@Suite("Verification")
struct TrailVerifierTests {
    private func attacked(_ attack: Attack) async throws -> TrailReport {
        let fixture = try TrailFixture()
        try await fixture.append(600)
        #expect(try await fixture.expectIntact())
        var contents = fixture.store.snapshot
        try attack.change(&contents, fixture.signer)
        #expect(contents != fixture.store.snapshot, "the attack changed nothing")
        let store = InMemoryTrailStore(identity: fixture.store.identity, contents: contents)
        return try TrailVerifier(store: store, key: fixture.signer.verifierKey).verify()
    }

    @Test(
        "What is done to a stored trail is found, by kind and place",
        arguments: Attack.onBodies + Attack.onTree + Attack.onIndex + Attack.onCheckpoints)
    func attacks(attack: Attack) async throws {
        let report = try await attacked(attack)
        #expect(report.verdict != .intact)
        #expect(report.findings.contains { $0.kind == attack.kind && $0.seq == attack.seq }, "found \(report.findings)")
        #expect(report.findings.map { $0.seq ?? .max } == report.findings.map { $0.seq ?? .max }.sorted())
    }

    @Test("What is done to bodies and index leaves the rest of the trail unquestioned", arguments: Attack.onBodies + Attack.onIndex)
    func noFalseAlarm(attack: Attack) async throws {
        let report = try await attacked(attack)
        let allowed: Set<TrailFinding.Kind> = [.header, .payload, .missing, .index, .stray]
        #expect(report.findings.allSatisfy { allowed.contains($0.kind) })
        // Header, payload, and the index that no longer fits the header: at most four for each of two entries.
        #expect(report.findings.count <= 8, "\(report.findings)")
    }

    @Test("The head is recomputed from the leaves")
    func head() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(600)
        let report = try await fixture.trail.verify()
        #expect(report.verdict == .intact)
        #expect(report.head == (try await fixture.trail.checkpoint().head))
        #expect(report.findings.isEmpty)
    }

    @Test("It holds while others append")
    func whileAppending() async throws {
        let fixture = try TrailFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for number in 0..<150 { _ = try await fixture.trail.append(TrailFixture.entry(worker * 150 + number)) }
                }
            }
            for _ in 0..<10 {
                let report = try await fixture.trail.verify()
                #expect(report.findings.isEmpty)
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.expectIntact())
    }

    @Test("More than a thousand findings are cut off, and say so")
    func manyFindings() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(1200)
        fixture.store.mutate { $0.bodies = [:] }
        let report = try await fixture.trail.verify()
        #expect(report.findings.count == TrailVerifier.findingCountMax + 1)
        #expect(report.findings.last?.seq == nil)
    }

    @Test("Findings from elsewhere join the report")
    func adding() async throws {
        let fixture = try TrailFixture()
        let report = try await fixture.trail.verify().adding([TrailFinding(.erasure, seq: 3, "keys are still there")])
        #expect(report.verdict == .broken([TrailFinding(.erasure, seq: 3, "keys are still there")]))
    }
}
