import VestigeCrypto
import VestigeTrail
import VestigeVault

/// A trail store whose calls pass a ``KillSwitch``.
struct WatchedTrailStore: TrailStore {
    let store: any TrailStore
    let killSwitch: KillSwitch

    var identity: TrailIdentity { store.identity }

    func write<Result>(_ body: (any TrailTransaction) throws -> Result) throws -> Result {
        let call = "trail.write"
        var isLast = killSwitch.enter(call, call: call, step: Step.none)
        var step = Step.none
        let result = try store.write { transaction in
            try body(
                WatchedTransaction(transaction: transaction) { action in
                    let found = Step.of(action: action)
                    guard found != Step.none else { return }
                    step = found
                    if killSwitch.enter(found, call: call, step: found) { isLast = true }
                })
        }
        if isLast { KillSwitch.die(call: call, step: step, "after") }
        return result
    }

    private func passing<Result>(_ function: String = #function, _ body: () throws -> Result) throws -> Result {
        let call = "trail." + function.prefix { $0 != "(" }
        let isLast = killSwitch.enter(call, call: call, step: Step.none)
        let result = try body()
        if isLast { KillSwitch.die(call: call, step: Step.none, "after") }
        return result
    }

    func head() throws -> StoredHead? { try passing { try store.head() } }
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try passing { try store.leaves(range) } }
    func tile(level: Int, index: UInt64) throws -> Tile? { try passing { try store.tile(level: level, index: index) } }
    func entries(_ seqs: [UInt64]) throws -> [StoredEntry] { try passing { try store.entries(seqs) } }
    func seq(of id: EntryID) throws -> UInt64? { try passing { try store.seq(of: id) } }
    func search(_ query: IndexQuery) throws -> [UInt64] { try passing { try store.search(query) } }
    func count(_ query: IndexQuery, ceiling: Int) throws -> Int { try passing { try store.count(query, ceiling: ceiling) } }
    func oldestBody() throws -> UInt64? { try passing { try store.oldestBody() } }
    func keptCheckpoints() throws -> [KeptCheckpoint] { try passing { try store.keptCheckpoints() } }
    func cosignatures(_ sizes: ClosedRange<UInt64>) throws -> [StoredCosignature] { try passing { try store.cosignatures(sizes) } }
    func plans() throws -> [StoredPlan] { try passing { try store.plans() } }

    func channelCounts(of terms: [Term], before: UInt64?, limit: Int) throws -> [ChannelCount] {
        try passing { try store.channelCounts(of: terms, before: before, limit: limit) }
    }

    @discardableResult
    func scan(_ range: Range<UInt64>, _ visit: (StoredEntry, IndexRow?) throws -> Void) throws -> Int {
        try passing { try store.scan(range, visit) }
    }

    func scanTerms(after last: TermPlace?, limit: Int, _ visit: (TermPlace) throws -> Void) throws -> TermPlace? {
        try passing { try store.scanTerms(after: last, limit: limit, visit) }
    }

    func strayRows() throws -> [StrayRow] { try passing { try store.strayRows() } }
    func fileTroubles() throws -> [String] { try passing { try store.fileTroubles() } }
    var isUnconfirmed: Bool { store.isUnconfirmed }
    func confirm() throws { try passing { try store.confirm() } }
    func redact(_ seqs: [UInt64], by entry: EntryID) throws -> Bool { try passing { try store.redact(seqs, by: entry) } }
    func prunable(in range: Range<UInt64>, limit: Int) throws -> [PrunablePlace] {
        try passing { try store.prunable(in: range, limit: limit) }
    }

    func prune(_ seqs: [UInt64], under plan: StoredPlan, within time: Duration) throws -> Int {
        try passing { try store.prune(seqs, under: plan, within: time) }
    }

    func giveBack(_ byteCount: Int) throws -> Bool { try passing { try store.giveBack(byteCount) } }
    func close() throws { try store.close() }
}

/// A transaction that tells the action of each entry before it is inserted.
private struct WatchedTransaction: TrailTransaction {
    let transaction: any TrailTransaction
    let inserting: (String) -> Void

    func head() throws -> StoredHead? { try transaction.head() }
    func leafCount() throws -> UInt64 { try transaction.leafCount() }
    func leaves(_ range: Range<UInt64>) throws -> [[UInt8]] { try transaction.leaves(range) }
    func tile(level: Int, index: UInt64) throws -> Tile? { try transaction.tile(level: level, index: index) }
    func seq(of id: EntryID) throws -> UInt64? { try transaction.seq(of: id) }

    func insert(_ entry: SealedEntry, leaf: [UInt8], seq: UInt64) throws {
        inserting(entry.header.action)
        try transaction.insert(entry, leaf: leaf, seq: seq)
    }

    func insert(_ tile: Tile) throws { try transaction.insert(tile) }
    func set(_ head: StoredHead, keep: Bool) throws { try transaction.set(head, keep: keep) }

    func keep(_ checkpoint: String, size: UInt64, cosignatures: [String]) throws {
        try transaction.keep(checkpoint, size: size, cosignatures: cosignatures)
    }
}

/// The page of epochs, the same way.
struct WatchedBoard: EpochBoard {
    let board: any EpochBoard
    let post: Post

    func current() -> UInt64 { board.current() }
    func register(_ forget: @escaping @Sendable () -> EpochAnswer) { board.register(forget) }
    func publish(_ epoch: UInt64) async throws { try await post.passing(#function) { try await board.publish(epoch) } }
}
