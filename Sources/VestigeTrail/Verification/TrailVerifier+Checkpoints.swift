import VestigeCrypto

/// A checkpoint that the walk will pass.
struct AwaitedCheckpoint: Sendable {
    let checkpoint: Checkpoint
    /// Kept by somebody else than the trail itself.
    let isOutside: Bool
    /// Whether the report tells that the trail leads there.
    var isAsked = false

    var name: String {
        isOutside ? "a checkpoint of size \(checkpoint.size) that was kept elsewhere" : "a kept checkpoint of size \(checkpoint.size)"
    }

    /// What it means that the trail does not lead to it.
    var mismatch: String {
        isOutside
            ? "\(name) is of another history: the entries below \(checkpoint.size) are not those it was signed for"
            : "the leaves do not lead to the root that the checkpoint of size \(checkpoint.size) signed"
    }
}

/// Checkpoints beside the newest: those that the trail kept, and those that somebody else did.
extension TrailVerifier {
    /// Begins above what was verified before, if the stored tree leads there.
    ///
    /// - Returns: the first entry to look at; 0 for a full verification.
    mutating func begin(below newest: Checkpoint) throws -> UInt64 {
        guard let since = plan.since.flatMap({ try? history.verified($0) }), since.size > 0, since.size <= newest.size else {
            return 0
        }
        do {
            var reader = TileReader(size: since.size, tile: store.tile, leaves: store.leaves)
            let edge = try reader.edge()
            guard edge.head == since.head, let last = try store.leaves(since.size - 1..<since.size).first.flatMap(Leaf.init(decoding:))
            else { return 0 }
            builder = edge
            lastRecordedAt = last.recordedAt
            return since.size
        } catch is TrailError {
            // A tree that cannot be read up to there is looked at from its beginning, which says what is wrong.
            return 0
        }
    }

    mutating func readKeptCheckpoints(upTo size: UInt64) throws {
        let notes = try store.keptCheckpoints()
        for finding in history.unconfirmed(by: notes, below: size) { add(finding) }
        for kept in notes {
            do {
                let checkpoint = try history.verified(kept.note)
                if checkpoint.size != kept.size { add(.checkpoint, seq: nil, "a kept checkpoint is of another size than its row") }
                awaited.append(AwaitedCheckpoint(checkpoint: checkpoint, isOutside: false))
                keptSizes.append(checkpoint.size)
            } catch {
                add(
                    .checkpoint, seq: nil,
                    "kept checkpoint \(kept.size > Int64.max ? "with a number below 0" : "of size \(kept.size)"): \(error)")
                keptSizes.append(kept.size)
            }
        }
        // One kept while this runs is of a later tree, which has its newest checkpoint by now.
        if let last = awaited.map(\.checkpoint.size).max(), last > size, last > (try store.head()?.size ?? 0) {
            add(.size, seq: size, "the trail has \(size) entries, a checkpoint that it kept says \(last): entries were taken from its end")
        }
        awaited.removeAll { $0.checkpoint.size > size }
        // Those below were met when everything up to there was verified.
        awaited.removeAll { $0.checkpoint.size < builder.size }
        readOthers(upTo: size)
        // The next one stands last; of one size the trail's own first.
        awaited.sort { ($0.checkpoint.size, $0.isOutside ? 1 : 0) > ($1.checkpoint.size, $1.isOutside ? 1 : 0) }
    }

    private mutating func readOthers(upTo size: UInt64) {
        // What could not be begun from is met on the way, or named.
        let since = builder.size == 0 ? plan.since.map { [$0] } ?? [] : []
        for (place, note) in (plan.others + plan.remembered + since).enumerated() {
            do {
                let checkpoint = try history.verified(note)
                if checkpoint.size > size {
                    add(
                        .size, seq: size,
                        "the trail has \(size) entries, a checkpoint kept elsewhere says \(checkpoint.size): an older copy was put back. Put back the newest copy, or do again what came since, erasures first"
                    )
                } else {
                    awaited.append(
                        AwaitedCheckpoint(checkpoint: checkpoint, isOutside: true, isAsked: place < plan.others.count))
                }
            } catch {
                add(.checkpoint, seq: nil, "a checkpoint kept elsewhere: \(error)")
            }
        }
    }

    /// Those that the walk does not pass, by a consistency proof each.
    mutating func compareOthers(below since: UInt64, to newest: Checkpoint) throws {
        var reader = TileReader(size: newest.size, tile: store.tile, leaves: store.leaves)
        while let next = awaited.last, next.checkpoint.size < since {
            awaited.removeLast()
            let old = next.checkpoint.head
            let proof = ConsistencyProof(oldSize: old.size, hashes: try reader.consistency(from: old.size))
            note(next, old == .empty || proof.verifies(from: old, to: newest.head))
        }
        compareAwaited()
    }

    mutating func compareAwaited() {
        while let next = awaited.last, next.checkpoint.size == builder.size {
            note(next, next.checkpoint.root == builder.root)
            awaited.removeLast()
        }
    }

    private mutating func note(_ awaited: AwaitedCheckpoint, _ isMet: Bool) {
        if !isMet {
            add(.checkpoint, seq: nil, awaited.mismatch)
        } else if awaited.isAsked, !consistent.contains(awaited.checkpoint.size) {
            consistent.append(awaited.checkpoint.size)
        }
    }
}
