import Dispatch
import VestigeCrypto

/// The append-only Merkle log of one tenant's entries.
public final class Trail: Sendable {
    /// A clock further ahead of the newest entry is refused at open.
    public static let clockAheadDaysMax: Int64 = 366

    private let store: any TrailStore
    /// `nil` for a trail that is only read.
    let sequencer: Sequencer?
    let keys: CheckpointKeys
    private let readers = DispatchQueue(label: "vestige.trail.readers", attributes: .concurrent)

    /// The key that signs checkpoints now.
    public var verifierKey: VerifierKey { keys.verifierKey }
    public var identity: TrailIdentity { store.identity }
    public var origin: String { store.identity.origin }
    public var batches: BatchSizes { sequencer?.batches ?? BatchSizes() }

    private init(store: any TrailStore, signers: SignerSlot, clock: @escaping Clock) {
        self.store = store
        keys = .changing(signers)
        sequencer = Sequencer(store: store, signers: signers, clock: clock)
    }

    private init(store: any TrailStore, key: VerifierKey) {
        self.store = store
        keys = .fixed(key)
        sequencer = nil
    }

    /// Begins an empty trail with a checkpoint of size 0.
    ///
    /// - Parameter renewal: asked for a newer key when another process has changed it.
    /// - Throws: ``TrailError/alreadyExists``; ``TrailError/foreignFile(_:)`` when the signer is of another origin.
    public static func create(
        store: any TrailStore, signer: CheckpointSigner, clock: @escaping Clock, renewal: SignerRenewal? = nil
    ) throws -> Trail {
        try checkOrigin(store, signer)
        try store.write { transaction in
            guard try transaction.head() == nil else { throw TrailError.alreadyExists }
            let note = signer.sign(.empty).note
            try transaction.set(StoredHead(size: 0, recordedAt: Timestamp(microseconds: 0), checkpoint: note), keep: true)
        }
        return Trail(store: store, signers: SignerSlot(signer, renewal: renewal), clock: clock)
    }

    /// Opens a trail that stands: its newest checkpoint must be signed by `signer`'s key and its tail must lead there. After a sync that
    /// failed, the newest ``TailCheck/entryCount`` entries are read and checked in full.
    ///
    /// - Parameter renewal: asked for a newer key when another process has changed it.
    /// - Throws: ``TrailError/badSignature(name:)``, ``TrailError/inconsistent(_:)``, ``TrailError/clockAhead(days:)``
    public static func open(
        store: any TrailStore, signer: CheckpointSigner, clock: @escaping Clock, acceptingClock: Bool = false,
        renewal: SignerRenewal? = nil
    ) throws -> Trail {
        try checkOrigin(store, signer)
        let signers = SignerSlot(signer, renewal: renewal)
        let (head, checkpoint) = try checkedHead(store, .changing(signers))
        if store.isUnconfirmed {
            try TailCheck(store: store).check(upTo: checkpoint)
            try store.confirm()
        }
        let daysAhead = clock().day - head.recordedAt.day
        if head.size > 0, daysAhead > clockAheadDaysMax, !acceptingClock { throw TrailError.clockAhead(days: daysAhead) }
        return Trail(store: store, signers: signers, clock: clock)
    }

    /// Opens a trail that takes nothing more: a backup, or one that another goes on from. The same is checked as by
    /// ``open(store:signer:clock:acceptingClock:)``; appending throws ``TrailError/closed``.
    public static func openReadOnly(store: any TrailStore, key: VerifierKey) throws -> Trail {
        guard store.identity.origin == key.name else {
            throw TrailError.foreignFile("the verifier key is another trail's; nothing was opened, give the one that belongs to it")
        }
        _ = try checkedHead(store, .fixed(key))
        return Trail(store: store, key: key)
    }

    /// A trail to be looked at, whatever state it is in: nothing is checked, and nothing can be appended.
    package static func unchecked(store: any TrailStore, key: VerifierKey) -> Trail { Trail(store: store, key: key) }

    private static func checkedHead(_ store: any TrailStore, _ keys: CheckpointKeys) throws -> (StoredHead, Checkpoint) {
        guard let head = try store.head() else { throw TrailError.foreignFile("the trail was never begun; run `vestige init`") }
        let checkpoint = try keys.verified(head.checkpoint)
        guard checkpoint.size == head.size else { throw TrailError.otherSizeThanRow }
        var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
        guard try reader.edge().head == checkpoint.head else {
            throw TrailError.inconsistent("the end of the trail does not lead to its newest checkpoint")
        }
        guard try head.recordedAt == lastTime(in: checkpoint, &reader, leaves: store.leaves) ?? Timestamp(microseconds: 0) else {
            throw TrailError.otherTimeThanRow
        }
        return (head, checkpoint)
    }

    /// When the last entry below a checkpoint was recorded, by its leaf, which is proven; `nil` if there is none.
    static func lastTime(
        in checkpoint: Checkpoint, _ reader: inout TileReader, leaves: (Range<UInt64>) throws -> [[UInt8]]
    ) throws -> Timestamp? {
        guard checkpoint.size > 0 else { return nil }
        let last = checkpoint.size - 1
        let proof = InclusionProof(index: last, hashes: try reader.path(to: last))
        guard let leaf = try leaves(last..<checkpoint.size).first, proof.verifies(leafHash: TreeHash.leaf(leaf), in: checkpoint.head),
            let recordedAt = Leaf(decoding: leaf)?.recordedAt
        else { throw TrailError.inconsistent("the leaf of entry \(last) does not lead to the newest checkpoint") }
        return recordedAt
    }

    private static func checkOrigin(_ store: any TrailStore, _ signer: CheckpointSigner) throws(TrailError) {
        guard store.identity.origin == signer.origin else {
            throw .foreignFile(
                "the keyring signs for another trail than this one; nothing was opened. Give the keyring that belongs to it (--keyring), or put back this keyring's trail"
            )
        }
    }

    /// Appends one entry. Durable on return; only now may the data go out.
    ///
    /// - Throws: ``TrailError/storage(_:)`` and ``TrailError/inconsistent(_:)``: nothing was written. ``TrailError/unconfirmed(_:)``: the
    ///   entry may or may not stand; the same id, appended after the trail was opened again, gets a receipt either way.
    public func append(_ entry: SealedEntry) async throws -> Appended {
        try await append([entry])[0]
    }

    /// Appends entries one after another, in one commit: all of them, or none.
    ///
    /// - Parameter queued: called once they have their place: what is appended afterwards stands after them.
    package func append(_ entries: [SealedEntry], queued: @Sendable () -> Void = {}) async throws -> [Appended] {
        guard let sequencer else { throw TrailError.closed }
        return entries.isEmpty ? [] : try await sequencer.append(entries, queued: queued)
    }

    /// The newest checkpoint, its signature checked.
    public func checkpoint() async throws -> Checkpoint {
        try await read { [keys] store in try Trail.checkpoint(of: store, by: keys) }
    }

    /// When the newest entry was recorded; 1970 in an empty trail. It never falls, whatever the clock does.
    package func newestMoment() async throws -> Timestamp {
        try await newestTime() ?? Timestamp(microseconds: 0)
    }

    static func checkpoint(of store: any TrailStore, by keys: CheckpointKeys) throws -> Checkpoint {
        guard let head = try store.head() else { throw TrailError.foreignFile("the trail was never begun; run `vestige init`") }
        return try keys.verified(head.checkpoint)
    }

    /// The entries with these places, in the order asked; places without an entry are left out.
    public func entries(_ seqs: [UInt64]) async throws -> [StoredEntry] {
        try await read { try $0.entries(seqs) }
    }

    public func seq(of id: EntryID) async throws -> UInt64? {
        try await read { try $0.seq(of: id) }
    }

    /// How the newest entries with one of `terms` spread over the channels; looks at no more than `limit` of them.
    public func channelCounts(of terms: [Term], limit: Int) async throws -> [ChannelCount] {
        var counts: [ChannelCount] = []
        var (before, rest) = (UInt64?.none, limit)
        // In pieces: a read must not keep the log from being reset.
        while rest > 0 {
            let size = min(rest, IndexQuery.limitMax)
            let page = try await read { [before] in try $0.channelCounts(of: terms, before: before, limit: size) }
            for count in page { counts.add(count) }
            let found = page.reduce(0) { $0 + $1.count }
            guard found == size else { break }
            before = page.map(\.oldest).min()
            rest -= found
        }
        return counts.sorted()
    }

    /// The lowest place that still has a body; `nil` when none has.
    public func oldestBody() async throws -> UInt64? {
        try await read { try $0.oldestBody() }
    }

    /// Shows that entry `seq` stands in the newest checkpoint.
    ///
    /// - Throws: ``TrailError/notFound(seq:)``
    public func proof(of seq: UInt64) async throws -> (entry: StoredEntry, proof: InclusionProof, checkpoint: Checkpoint) {
        try await read { [keys] store in try Trail.proof(of: seq, in: store, by: keys) }
    }

    private static func proof(of seq: UInt64, in store: any TrailStore, by keys: CheckpointKeys) throws -> (
        entry: StoredEntry, proof: InclusionProof, checkpoint: Checkpoint
    ) {
        let checkpoint = try Trail.checkpoint(of: store, by: keys)
        guard seq < checkpoint.size, let entry = try store.entries([seq]).first else { throw TrailError.notFound(seq: seq) }
        var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
        let proof = InclusionProof(index: seq, hashes: try reader.path(to: seq))
        guard proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head) else {
            throw TrailError.inconsistent("the proof of entry \(seq) does not lead to the newest checkpoint")
        }
        return (entry, proof, checkpoint)
    }

    /// The same for many entries, against one checkpoint of this trail, be it the newest or an older one.
    ///
    /// - Throws: ``TrailError/notFound(seq:)``, ``TrailError/inconsistent(_:)``
    package func proofs(of seqs: [UInt64], in checkpoint: Checkpoint) async throws -> [(entry: StoredEntry, proof: InclusionProof)] {
        try await read { store in
            var reader = TileReader(size: checkpoint.size, tile: store.tile, leaves: store.leaves)
            let entries = try store.entries(seqs)
            guard entries.count == seqs.count else { throw TrailError.notFound(seq: seqs.first ?? 0) }
            return try entries.map { entry in
                guard entry.seq < checkpoint.size else { throw TrailError.notFound(seq: entry.seq) }
                let proof = InclusionProof(index: entry.seq, hashes: try reader.path(to: entry.seq))
                guard proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head) else {
                    throw TrailError.inconsistent("the proof of entry \(entry.seq) does not lead to the checkpoint")
                }
                return (entry, proof)
            }
        }
    }

    /// An entry's body, held against its leaf, and the leaf against the newest checkpoint. For entries that command
    /// something, such as the policy in force or an erasure to replay.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)``
    public func proven(_ entry: StoredEntry) async throws -> (header: Header, payload: Payload) {
        try await read { [keys] store in try Trail.proven(entry.seq, in: store, by: keys) }
    }

    static func proven(_ seq: UInt64, in store: any TrailStore, by keys: CheckpointKeys) throws -> (header: Header, payload: Payload) {
        let proven = try proof(of: seq, in: store, by: keys).entry
        guard let body = proven.body, let leaf = Leaf(decoding: proven.leaf),
            leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header),
            leaf.commits(to: .payload, salt: body.payloadSalt, bytes: body.payload)
        else { throw TrailError.inconsistent("entry \(seq) is not what was recorded") }
        let header = try Header(decoding: body.header)
        guard header.id == leaf.id else { throw TrailError.inconsistent("entry \(seq) has the header of another") }
        return (header, try Payload(decoding: body.payload))
    }

    /// Takes no more entries, waits for those under way and closes the store.
    public func close() throws {
        sequencer?.close()
        try store.close()
    }

    /// Stores block; their reads run on threads of their own, off the cooperative pool.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any TrailStore) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            readers.async { [store] in continuation.resume(with: Swift.Result { try body(store) }) }
        }
    }
}
