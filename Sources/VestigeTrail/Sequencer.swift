import Dispatch
import Synchronization
import VestigeCrypto

/// Where an entry came to stand.
public struct Appended: Sendable, Equatable {
    public let id: EntryID
    public let seq: UInt64
    public let recordedAt: Timestamp
    /// False when an entry with this id stood there already; nothing was written for it.
    public let isNew: Bool

    package init(id: EntryID, seq: UInt64, recordedAt: Timestamp, isNew: Bool) {
        self.id = id
        self.seq = seq
        self.recordedAt = recordedAt
        self.isNew = isNew
    }
}

/// The one writer of a trail in this process: what has queued up becomes one transaction (group commit).
///
/// It runs on a thread of its own. A caller who hangs up cancels nobody: their entry is written all the same.
final class Sequencer: Sendable {
    static let batchCountMax = 1024
    /// One checkpoint an hour is kept for good.
    static let keptCheckpointInterval = 3600 * Timestamp.microsecondsPerSecond

    private struct Waiting: Sendable {
        /// They stand one after another, in one commit.
        let entries: [SealedEntry]
        let resume: @Sendable (Result<[Appended], any Error>) -> Void
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var isDraining = false
        var isClosed = false
        var batches = BatchSizes()

        /// As many as go into one commit; what was queued together stays together, however much it is.
        mutating func nextBatch() -> [Waiting] {
            var count = 0
            let end = waiting.firstIndex { item in
                count += item.entries.count
                return count > Sequencer.batchCountMax
            }
            let batch = Array(waiting.prefix(max(1, end ?? waiting.count)))
            waiting.removeFirst(batch.count)
            if !batch.isEmpty { batches.count(batch.reduce(0) { $0 + $1.entries.count }) }
            return batch
        }
    }

    /// The tree as of the last commit this process saw, and the note that said so.
    private struct Edge {
        var builder: TreeBuilder
        var note: String
        var recordedAt: Timestamp
    }

    private let store: any TrailStore
    private let signers: SignerSlot
    private let clock: Clock
    private let thread = DispatchQueue(label: "vestige.trail.sequencer", qos: .userInitiated)
    private let queue = Mutex(Queue())
    private let edge = Mutex<Edge?>(nil)

    init(store: any TrailStore, signers: SignerSlot, clock: @escaping Clock) {
        self.store = store
        self.signers = signers
        self.clock = clock
    }

    /// Durable on return: all of them, or none.
    ///
    /// - Parameter queued: called once the entries have their place: what is queued later stands later.
    func append(_ entries: [SealedEntry], queued: @Sendable () -> Void = {}) async throws -> [Appended] {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(Waiting(entries: entries) { continuation.resume(with: $0) })
            queued()
        }
    }

    private func enqueue(_ item: Waiting) {
        let (mustStart, isClosed) = queue.withLock { queue in
            if queue.isClosed { return (false, true) }
            queue.waiting.append(item)
            defer { queue.isDraining = true }
            return (!queue.isDraining, false)
        }
        if isClosed { item.resume(.failure(TrailError.closed)) }
        if mustStart { thread.async { self.drain() } }
    }

    private func drain() {
        while true {
            let batch = queue.withLock { queue in
                let batch = queue.nextBatch()
                if batch.isEmpty { queue.isDraining = false }
                return batch
            }
            if batch.isEmpty { return }
            do {
                var outcomes = try commit(batch.flatMap(\.entries))[...]
                for item in batch {
                    item.resume(.success(Array(outcomes.prefix(item.entries.count))))
                    outcomes.removeFirst(item.entries.count)
                }
            } catch {
                for item in batch { item.resume(.failure(error)) }
            }
        }
    }

    func commit(_ entries: [SealedEntry]) throws -> [Appended] {
        var known = edge.withLock { edge in edge.take() }
        let (outcomes, grown) = try store.write { transaction in
            var edge = try caughtUp(known, in: transaction)
            known = nil
            let outcomes = try append(entries, to: &edge, in: transaction)
            return (outcomes, edge)
        }
        edge.withLock { $0 = grown }
        return outcomes
    }

    /// The entry that changes the key, after whatever has queued up. See ``Trail/rotate(_:from:to:)``.
    func rotate(_ entry: SealedEntry, from old: VerifierKey, to next: CheckpointSigner) async throws -> (Appended, Checkpoint) {
        if queue.withLock({ $0.isClosed }) { throw TrailError.closed }
        return try await withCheckedThrowingContinuation { continuation in
            thread.async { continuation.resume(with: Result { try self.commitRotation(entry, from: old, to: next) }) }
        }
    }

    private func commitRotation(_ entry: SealedEntry, from old: VerifierKey, to next: CheckpointSigner) throws -> (Appended, Checkpoint) {
        var known = edge.withLock { edge in edge.take() }
        let (outcome, grown, handover) = try store.write { transaction in
            var edge = try caughtUp(known, in: transaction)
            known = nil
            guard signers.current.verifierKey == old, old != next.verifierKey else { throw TrailError.keyChanged }
            let outcome = try append([entry], to: &edge, in: transaction, next: next)[0]
            guard outcome.isNew else { throw TrailError.keyChanged }
            return (outcome, edge, signers.current.sign(edge.builder.head, with: next))
        }
        signers.replace(by: next)
        edge.withLock { $0 = grown }
        return (outcome, handover)
    }

    /// - Parameter next: signs from here on; a checkpoint that both keys signed is kept.
    private func append(
        _ entries: [SealedEntry], to edge: inout Edge, in transaction: any TrailTransaction, next: CheckpointSigner? = nil
    ) throws -> [Appended] {
        let now = max(clock(), edge.recordedAt)
        var batch: [EntryID: Appended] = [:]
        var outcomes: [Appended] = []
        outcomes.reserveCapacity(entries.count)
        for entry in entries {
            let id = entry.header.id
            if let twin = batch[id] {
                outcomes.append(Appended(id: id, seq: twin.seq, recordedAt: twin.recordedAt, isNew: false))
            } else if let seq = try transaction.seq(of: id) {
                guard let leaf = try transaction.leaves(seq..<seq + 1).first.flatMap(Leaf.init(decoding:)) else {
                    throw TrailError.inconsistent("the leaf of entry \(seq) cannot be read")
                }
                outcomes.append(Appended(id: id, seq: seq, recordedAt: leaf.recordedAt, isNew: false))
            } else {
                let outcome = Appended(id: id, seq: edge.builder.size, recordedAt: now, isNew: true)
                let leaf = entry.leaf(recordedAt: now).encoded()
                try transaction.insert(entry, leaf: leaf, seq: outcome.seq)
                edge.builder.push(TreeHash.leaf(leaf))
                batch[id] = outcome
                outcomes.append(outcome)
            }
        }
        guard !batch.isEmpty else { return outcomes }
        for tile in edge.builder.takeFilledTiles() { try transaction.insert(tile) }
        let (signer, head) = (signers.current, edge.builder.head)
        if let next {
            let both = signer.sign(head, with: next)
            try transaction.set(StoredHead(size: both.size, recordedAt: now, checkpoint: both.note), keep: true)
        }
        let checkpoint = (next ?? signer).sign(head)
        let interval = Sequencer.keptCheckpointInterval
        let keep = now.microseconds / interval != edge.recordedAt.microseconds / interval
        try transaction.set(StoredHead(size: checkpoint.size, recordedAt: now, checkpoint: checkpoint.note), keep: keep)
        edge.note = checkpoint.note
        edge.recordedAt = now
        return outcomes
    }

    /// The edge at the stored head: what other processes appended meanwhile is read and hashed, and must lead to
    /// their checkpoint. Two processes can waste work, never fork.
    private func caughtUp(_ known: Edge?, in transaction: any TrailTransaction) throws -> Edge {
        guard let head = try transaction.head() else { throw TrailError.foreignFile("the trail was never begun; run `vestige init`") }
        guard try transaction.leafCount() == head.size else {
            throw TrailError.inconsistent("the trail does not end where its newest checkpoint says")
        }
        if let known, known.note == head.checkpoint { return known }
        let checkpoint = try signers.verified(head.checkpoint)
        guard checkpoint.size == head.size else { throw TrailError.otherSizeThanRow }
        var builder: TreeBuilder
        var newest = known?.recordedAt
        if let known, known.builder.size <= head.size {
            builder = known.builder
            for leaf in try transaction.leaves(builder.size..<head.size) {
                builder.push(TreeHash.leaf(leaf))
                newest = Leaf(decoding: leaf)?.recordedAt
            }
            _ = builder.takeFilledTiles()
        } else {
            var reader = TileReader(size: head.size, tile: transaction.tile, leaves: transaction.leaves)
            builder = try reader.edge()
            newest = try Trail.lastTime(in: checkpoint, &reader, leaves: transaction.leaves) ?? Timestamp(microseconds: 0)
        }
        guard builder.head == checkpoint.head else {
            throw TrailError.inconsistent("leaves and tiles do not lead to the newest checkpoint")
        }
        guard newest == head.recordedAt else { throw TrailError.otherTimeThanRow }
        return Edge(builder: builder, note: head.checkpoint, recordedAt: head.recordedAt)
    }

    /// How many entries each commit took since the start, for measurement.
    var batches: BatchSizes { queue.withLock { $0.batches } }

    /// Takes nothing more and waits until what has queued up is durable.
    func close() {
        queue.withLock { $0.isClosed = true }
        thread.sync {}
    }
}

/// How many commits there were of each size.
public struct BatchSizes: Sendable, Equatable {
    private var commits: [Int: Int] = [:]

    mutating func count(_ size: Int) {
        commits[size, default: 0] += 1
    }

    /// The size of the commit in the middle, counted by commits; 0 before the first.
    public var median: Int {
        var left = commits.values.reduce(0, +) / 2
        for (size, count) in commits.sorted(by: { $0.key < $1.key }) {
            if left < count { return size }
            left -= count
        }
        return 0
    }
}
