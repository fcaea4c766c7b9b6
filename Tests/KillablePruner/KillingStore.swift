import Glibc
import VestigeCrypto
import VestigeTrail

/// A trail store that ends the process at a step of retention.
struct KillingStore: TrailStore {
    let store: any TrailStore
    let kill: Kill
    let counter: Counter

    private func passing<Result>(_ step: String, _ body: () throws -> Result) throws -> Result {
        let isLast = step == kill.step && counter.next() == kill.number
        if isLast, !kill.after { Glibc.kill(getpid(), SIGKILL) }
        let result = try body()
        if isLast { Glibc.kill(getpid(), SIGKILL) }
        return result
    }

    func write<Result>(_ body: (any TrailTransaction) throws -> Result) throws -> Result {
        var dies = false
        let result = try store.write { transaction in
            try body(
                WatchedTransaction(transaction: transaction) { action in
                    let step = action == RetentionPlan.action ? "planned" : action == RetentionPlan.doneAction ? "done" : ""
                    guard step == kill.step, counter.next() == kill.number else { return }
                    if kill.after { dies = true } else { Glibc.kill(getpid(), SIGKILL) }
                })
        }
        if dies { Glibc.kill(getpid(), SIGKILL) }
        return result
    }

    func prune(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration) throws -> Int {
        try passing("removed") { try store.prune(seqs, under: plan, within: time) }
    }

    func giveBack(_ byteCount: Int) throws -> Bool { try passing("given") { try store.giveBack(byteCount) } }

    var identity: TrailIdentity { store.identity }
    func head() throws -> StoredHead? { try store.head() }
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try store.leaves(range) }
    func tile(level: Int, index: UInt64) throws -> Tile? { try store.tile(level: level, index: index) }
    func entries(_ seqs: [UInt64]) throws -> [StoredEntry] { try store.entries(seqs) }
    func seq(of id: EntryID) throws -> UInt64? { try store.seq(of: id) }
    func search(_ query: IndexQuery) throws -> [UInt64] { try store.search(query) }
    func count(_ query: IndexQuery, ceiling: Int) throws -> Int { try store.count(query, ceiling: ceiling) }
    func oldestBody() throws -> UInt64? { try store.oldestBody() }
    func keptCheckpoints() throws -> [KeptCheckpoint] { try store.keptCheckpoints() }
    func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] { try store.cosignatures(sizes) }
    func plans() throws -> [StoredPlan] { try store.plans() }
    func channelCounts(of terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount] {
        try store.channelCounts(of: terms, before: before, limit: limit)
    }
    func facets(_ query: IndexQuery) throws -> [FacetCount] { try store.facets(query) }
    @discardableResult
    func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int { try store.scan(range, visit) }
    func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace? {
        try store.scanTerms(after: last, limit: limit, visit)
    }
    func strayRows() throws -> [StrayRow] { try store.strayRows() }
    func fileTroubles() throws -> [String] { try store.fileTroubles() }
    var isUnconfirmed: Bool { store.isUnconfirmed }
    func confirm() throws { try store.confirm() }
    func redact(_ seqs: [UInt64], by entry: EntryID) throws -> Bool { try store.redact(seqs, by: entry) }
    func prunable(in range: Range<UInt64>, limit: Int) throws -> [PrunablePlace] { try store.prunable(in: range, limit: limit) }
    func close() throws { try store.close() }
}

/// Tells the action of each entry before it is inserted.
private struct WatchedTransaction: TrailTransaction {
    let transaction: any TrailTransaction
    let inserting: (String) -> Void

    func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) throws {
        inserting(entry.header.action)
        try transaction.insert(entry, leaf: leaf, seq: seq)
    }

    func head() throws -> StoredHead? { try transaction.head() }
    func leafCount() throws -> UInt64 { try transaction.leafCount() }
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try transaction.leaves(range) }
    func tile(level: Int, index: UInt64) throws -> Tile? { try transaction.tile(level: level, index: index) }
    func seq(of id: EntryID) throws -> UInt64? { try transaction.seq(of: id) }
    func insert(_ tile: Tile) throws { try transaction.insert(tile) }
    func set(_ head: StoredHead, keep: Bool) throws { try transaction.set(head, keep: keep) }
    func keep(_ checkpoint: String, size: UInt64, cosignatures: [String]) throws {
        try transaction.keep(checkpoint, size: size, cosignatures: cosignatures)
    }
}
