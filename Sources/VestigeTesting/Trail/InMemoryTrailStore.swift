import Foundation
import Synchronization
public import VestigeTrail

/// A trail in memory, for tests of hosts and as the plainest reading of the ``TrailStore`` contract.
///
/// Readers see whole commits only, writers take turns. `mutate` is the attacker: it changes what stands there without
/// asking anybody.
public final class InMemoryTrailStore: TrailStore {
    public let identity: TrailIdentity
    private let contents: Mutex<TrailContents>
    private let writing = NSLock()
    private let control = Mutex(Control())

    private struct Control {
        var failuresLeft = 0
        var failureCount = 0
        var isClosed = false

        mutating func takeFailure() -> Bool {
            guard failuresLeft > 0 else { return false }
            failuresLeft -= 1
            failureCount += 1
            return true
        }
    }

    public init(identity: TrailIdentity, contents: TrailContents = TrailContents()) {
        self.identity = identity
        self.contents = Mutex(contents)
    }

    /// Everything that is stored now.
    public var snapshot: TrailContents { contents.withLock { $0 } }

    /// Changes rows behind the trail's back.
    public func mutate(_ change: @Sendable (inout TrailContents) -> Void) {
        contents.withLock { change(&$0) }
    }

    /// The next `count` commits fail, after their body has run.
    public func failNextCommits(_ count: Int) {
        control.withLock { $0.failuresLeft = count }
    }

    /// How many commits failed because a test asked them to.
    public var failedCommitCount: Int { control.withLock { $0.failureCount } }

    public func write<Result>(_ body: (any TrailTransaction) throws -> Result) throws -> Result {
        writing.lock()
        defer { writing.unlock() }
        if control.withLock({ $0.isClosed }) { throw TrailError.closed }
        let transaction = InMemoryTransaction(base: snapshot)
        let result = try body(transaction)
        if control.withLock({ $0.takeFailure() }) { throw TrailError.storage("the test asked the commit to fail") }
        let written = transaction.written
        contents.withLock { $0.merge(written) }
        return result
    }

    public func head() throws -> StoredHead? { contents.withLock { $0.head } }

    public func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { contents.withLock { $0.leaves(in: range) } }

    public func tile(level: Int, index: UInt64) throws -> Tile? {
        contents.withLock { $0.tiles[TileName(level: level, index: index)] }
    }

    public func entries(_ seqs: [UInt64]) throws -> [StoredEntry] { contents.withLock { contents in seqs.compactMap(contents.entry) } }

    public func seq(of id: EntryID) throws -> UInt64? { contents.withLock { $0.seqs[id] } }

    public func search(_ query: IndexQuery) throws -> [UInt64] {
        let matches = snapshot.places(query).filter { seq in query.before.map { seq < $0 } ?? true }
        return Array(matches.sorted(by: >).prefix(query.limit))
    }

    public func count(_ query: IndexQuery, ceiling: Int) throws -> Int { min(ceiling, snapshot.places(query).count) }

    public func oldestBody() throws -> UInt64? { contents.withLock { $0.bodies.keys.min() } }

    public func keptCheckpoints() throws -> [KeptCheckpoint] {
        snapshot.keptCheckpoints.sorted { $0.key < $1.key }.map { KeptCheckpoint(size: $0.key, note: $0.value) }
    }

    public func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] {
        snapshot.cosignatures.filter { sizes.contains($0.key) }.sorted { $0.key < $1.key }.flatMap { size, lines in
            lines.sorted().map { StoredCosignature(size: size, line: $0) }
        }
    }

    public func plans() throws -> [StoredPlan] { contents.withLock { $0.plans } }

    @discardableResult
    public func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int {
        let contents = snapshot
        var count = 0
        for seq in range {
            guard let entry = contents.entry(seq) else { continue }
            try visit(entry, contents.index[seq])
            count += 1
        }
        return count
    }

    public func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace? {
        let places = snapshot.terms.filter { place in last.map { TrailContents.precedes($0, place) } ?? true }
            .sorted(by: TrailContents.precedes).prefix(max(0, limit))
        for place in places { try visit(place) }
        return places.last
    }

    public func strayRows() throws -> [StrayRow] { snapshot.strayRows }

    /// There is no file.
    public func fileTroubles() throws -> [String] { [] }

    public func redact(_ seqs: [UInt64], by entry: EntryID) throws -> Bool {
        writing.lock()
        defer { writing.unlock() }
        if control.withLock({ $0.isClosed }) { throw TrailError.closed }
        var redacted = snapshot
        try redacted.redact(seqs, by: entry)
        if control.withLock({ $0.takeFailure() }) { throw TrailError.storage("the test asked the commit to fail") }
        // Writers take turns: nobody changed anything since.
        contents.withLock { [redacted] in $0 = redacted }
        return true
    }

    public func prunable(in range: Range<UInt64>, limit: Int) throws -> [PrunablePlace] {
        let rows = snapshot.index.values.filter { range.contains($0.seq) && !TrailContents.isOwn($0) }.sorted { $0.seq < $1.seq }
        return rows.prefix(max(0, limit)).map { PrunablePlace(seq: $0.seq, channel: $0.channel) }
    }

    public func prune(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration) throws -> Int {
        writing.lock()
        defer { writing.unlock() }
        if control.withLock({ $0.isClosed }) { throw TrailError.closed }
        var pruned = snapshot
        try pruned.prune(seqs, under: plan)
        if control.withLock({ $0.takeFailure() }) { throw TrailError.storage("the test asked the commit to fail") }
        // Writers take turns: nobody changed anything since.
        contents.withLock { [pruned] in $0 = pruned }
        return seqs.count
    }

    public func close() throws {
        writing.lock()
        defer { writing.unlock() }
        control.withLock { $0.isClosed = true }
    }
}
