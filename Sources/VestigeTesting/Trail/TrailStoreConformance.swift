import Dispatch
import Synchronization
import VestigeCrypto
public import VestigeTrail

/// Holds a store to every line of the ``TrailStore`` contract.
///
/// Give it a way to make an empty store; each requirement gets a fresh one. Blocks its thread; needs no test framework:
///
///     @Test("The store keeps the contract") func contract() throws {
///         try TrailStoreConformance { try MyTrailStore(...) }.check()
///     }
public struct TrailStoreConformance {
    /// What a store did not keep.
    public struct Failure: Error, CustomStringConvertible {
        public let requirement: String
        public let reason: String

        public var description: String { "the store does not keep \"\(requirement)\": \(reason)" }
    }

    typealias Requirement = (name: String, check: @Sendable (any TrailStore) throws -> Void)

    private let makeStore: () throws -> any TrailStore

    /// - Parameter makeStore: gives a new, empty store at each call.
    public init(makeStore: @escaping () throws -> any TrailStore) {
        self.makeStore = makeStore
    }

    /// - Throws: ``Failure`` at the first requirement that is not kept.
    public func check() throws {
        for requirement in TrailStoreConformance.writing + TrailStoreConformance.reading + TrailStoreConformance.searching
            + TrailStoreConformance.redacting + TrailStoreConformance.pruning
        {
            let store = try makeStore()
            do {
                try requirement.check(store)
            } catch let failure as Unkept {
                throw Failure(requirement: requirement.name, reason: failure.reason)
            } catch {
                throw Failure(requirement: requirement.name, reason: "it threw: \(error)")
            }
            try store.close()
        }
    }
}

/// Why a requirement is not kept.
struct Unkept: Error {
    let reason: String
}

func require(_ condition: Bool, _ reason: @autoclosure () -> String) throws {
    if !condition { throw Unkept(reason: reason()) }
}

func requireEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
    if found != expected { throw Unkept(reason: "\(what) is \(found), expected \(expected)") }
}

func requireThrow(_ what: String, _ body: () throws -> Void) throws {
    do { try body() } catch { return }
    throw Unkept(reason: "\(what) was not refused")
}

extension TrailStoreConformance {
    /// Writes `headers` in one transaction from place `first` on, as entries with leaves, and returns them.
    @discardableResult
    static func fill(
        _ store: any TrailStore, _ headers: [Header], from first: UInt64 = 0, recordedAt: Timestamp = TrailSamples.start
    ) throws -> [SealedEntry] {
        let entries = try headers.map(TrailSamples.sealed)
        try store.write { transaction in
            for (offset, entry) in entries.enumerated() {
                let leaf = TrailSamples.leaf(entry, recordedAt: recordedAt)
                try transaction.insert(entry, leaf: leaf, seq: first + UInt64(offset))
            }
            try transaction.set(head(first + UInt64(entries.count)), keep: false)
        }
        return entries
    }

    static func head(_ size: UInt64, note: String = "note") -> StoredHead {
        StoredHead(size: size, recordedAt: TrailSamples.start.adding(microseconds: Int64(size)), checkpoint: "\(note) \(size)\n")
    }

    private struct Refusal: Error, Equatable {}

    static let writing: [Requirement] = [
        (
            "an empty store has nothing",
            { store in
                try requireEqual(try store.head(), nil, "the head")
                try requireEqual(try store.leaves(0..<10).count, 0, "the number of leaves")
                try requireEqual(try store.entries([0, 1]).count, 0, "the number of entries")
                try requireEqual(try store.tile(level: 0, index: 0), nil, "a tile")
                try requireEqual(try store.seq(of: TrailSamples.header(0).id), nil, "the place of an unknown id")
                try requireEqual(try store.keptCheckpoints(), [], "the kept checkpoints")
                try requireEqual(try store.oldestBody(), nil, "the oldest body")
                try requireEqual(try store.search(IndexQuery(limit: 10)), [], "a search")
                try requireEqual(try store.count(IndexQuery(limit: 10), ceiling: 10), 0, "a count")
                try requireEqual(try store.scan(0..<10) { _, _ in }, 0, "a scan's count")
                try requireEqual(try store.scanTerms(after: nil, limit: 10) { _ in }, nil, "a scan of terms")
                try requireEqual(try store.strayRows(), [], "the stray rows")
                try store.write { try requireEqual(try $0.leafCount(), 0, "the transaction's leaf count") }
            }
        ),
        (
            "a transaction sees what stands and what it wrote itself",
            { store in
                let first = try fill(store, [TrailSamples.header(0)])[0]
                let second = try TrailSamples.sealed(TrailSamples.header(1))
                let leaf = TrailSamples.leaf(second, recordedAt: TrailSamples.start)
                let result = try store.write { transaction in
                    try requireEqual(try transaction.head(), head(1), "the head")
                    try requireEqual(try transaction.seq(of: first.header.id), 0, "the place of the first entry")
                    try transaction.insert(second, leaf: leaf, seq: 1)
                    try transaction.insert(TrailSamples.tile(level: 0, index: 0))
                    try transaction.set(head(2), keep: false)
                    try requireEqual(try transaction.leafCount(), 2, "the leaf count")
                    try requireEqual(try transaction.leaves(1..<2), [leaf], "the leaf just written")
                    try requireEqual(try transaction.leaves(0..<9).count, 2, "the number of leaves")
                    try requireEqual(try transaction.seq(of: second.header.id), 1, "the place of the entry just written")
                    try requireEqual(try transaction.head(), head(2), "the head just set")
                    let tile = try transaction.tile(level: 0, index: 0)
                    try requireEqual(tile, TrailSamples.tile(level: 0, index: 0), "the tile just written")
                    return 42
                }
                try requireEqual(result, 42, "the body's result")
                try requireEqual(try store.head(), head(2), "the head after the commit")
            }
        ),
        (
            "if the body throws, its error comes out and nothing was written",
            { store in
                try fill(store, [TrailSamples.header(0)])
                let entry = try TrailSamples.sealed(TrailSamples.header(1))
                do {
                    try store.write { transaction in
                        try transaction.insert(entry, leaf: TrailSamples.leaf(entry, recordedAt: TrailSamples.start), seq: 1)
                        try transaction.insert(TrailSamples.tile(level: 0, index: 0))
                        try transaction.set(head(2), keep: true)
                        throw Refusal()
                    }
                    throw Unkept(reason: "the error was swallowed")
                } catch is Refusal {}
                try requireEqual(try store.head(), head(1), "the head")
                try requireEqual(try store.leaves(0..<9).count, 1, "the number of leaves")
                try requireEqual(try store.seq(of: entry.header.id), nil, "the place of the entry")
                try requireEqual(try store.tile(level: 0, index: 0), nil, "the tile")
                try requireEqual(try store.keptCheckpoints(), [], "the kept checkpoints")
                try requireEqual(try store.search(IndexQuery(limit: 10)), [0], "a search")
                try requireEqual(try store.strayRows(), [], "the stray rows")
                try fill(store, [entry.header], from: 1)
                try requireEqual(try store.seq(of: entry.header.id), 1, "the place of the entry written again")
            }
        ),
        (
            "a place, an id and a tile are taken once",
            { store in
                let entry = try fill(store, [TrailSamples.header(0)])[0]
                try store.write { try $0.insert(TrailSamples.tile(level: 0, index: 0)) }
                try requireThrow("a taken place") { try fill(store, [TrailSamples.header(1)], from: 0) }
                try requireThrow("a taken id") { try fill(store, [entry.header], from: 1) }
                try requireThrow("an id twice in one transaction") {
                    try fill(store, [TrailSamples.header(2)].flatMap { [$0, $0] }, from: 1)
                }
                try requireThrow("a taken tile") { try store.write { try $0.insert(TrailSamples.tile(level: 0, index: 0)) } }
                try requireEqual(try store.leaves(0..<9).count, 1, "the number of leaves")
                let leaf = TrailSamples.leaf(entry, recordedAt: TrailSamples.start)
                try requireEqual(try store.leaves(0..<1), [leaf], "the first leaf")
            }
        ),
        (
            "the newest checkpoint only grows, and those kept come by size",
            { store in
                try fill(store, (0..<3).map(TrailSamples.header))
                try store.write { try $0.set(head(3, note: "third"), keep: true) }
                try fill(store, (3..<12).map(TrailSamples.header), from: 3)
                try store.write { try $0.set(head(12, note: "twelfth"), keep: true) }
                try store.write { try $0.set(head(12, note: "again"), keep: true) }
                try store.write { try $0.set(head(12, note: "twelfth"), keep: false) }
                try requireThrow("a smaller checkpoint") { try store.write { try $0.set(head(11), keep: true) } }
                try requireEqual(try store.head(), head(12, note: "twelfth"), "the head")
                try requireEqual(
                    try store.keptCheckpoints(),
                    [KeptCheckpoint(size: 3, note: "third 3\n"), KeptCheckpoint(size: 12, note: "twelfth 12\n")], "the kept checkpoints")
            }
        ),
        TrailStoreConformance.cosignatures,
        (
            "writers take turns",
            { store in
                let failures = Mutex<[String]>([])
                DispatchQueue.concurrentPerform(iterations: 8) { worker in
                    for round in 0..<10 {
                        do {
                            let entry = try TrailSamples.sealed(TrailSamples.header(worker * 10 + round))
                            try store.write { transaction in
                                let seq = try transaction.leafCount()
                                let size = try transaction.head()?.size ?? 0
                                try requireEqual(size, seq, "the head's size beside \(seq) leaves")
                                try transaction.insert(entry, leaf: TrailSamples.leaf(entry, recordedAt: TrailSamples.start), seq: seq)
                                try transaction.set(head(seq + 1), keep: false)
                            }
                        } catch {
                            failures.withLock { $0.append("\(error)") }
                        }
                    }
                }
                try requireEqual(failures.withLock { $0 }, [], "the errors of 8 writers")
                try requireEqual(try store.head(), head(80), "the head")
                try requireEqual(try store.leaves(0..<100).count, 80, "the number of leaves")
            }
        ),
        (
            "a closed store writes nothing more",
            { store in
                try store.close()
                try requireThrow("a write after close") { try fill(store, [TrailSamples.header(0)]) }
            }
        ),
    ]
}
