import Synchronization
import VestigeTrail

/// Brings what waits in a spool to the trail: in order, again and again until the trail takes it.
package final class Keeper: Sendable {
    private static let pause = Duration.seconds(1)
    private static let batchCountMax = 256
    /// How often an outcome that cannot be sealed is tried again, ``pause`` apart.
    static let sealingCountMax = 5

    private let spool: any Spool
    private let trail: Trail
    private let draining = Mutex<Task<Void, Never>?>(nil)
    private let claims = Mutex(Claims())

    /// Acts under way and entries kept, by their ids: the trail does not know them yet, and takes each id once.
    private struct Claims {
        var acts: Set<EntryID> = []
        var kept: Set<EntryID> = []
        var sealing: [EntryID: Task<Void, Never>] = [:]
        var isStopped = false
    }

    init(spool: any Spool, trail: Trail) {
        self.spool = spool
        self.trail = trail
    }

    package var waiting: SpoolWaiting { spool.waiting }

    // MARK: Ids

    /// Takes an id for an act, from before the trail is asked for it until the trail has it.
    ///
    /// - Throws: ``RecordingError/conflict(member:)`` when an act with it is under way or waits for the trail.
    func claim(_ id: EntryID) throws(RecordingError) {
        let isFree = claims.withLock { claims in !claims.kept.contains(id) && claims.acts.insert(id).inserted }
        guard isFree else { throw .conflict(member: "act") }
    }

    /// The act with it is not done, or stands in the trail.
    func release(_ id: EntryID) {
        claims.withLock { claims in
            claims.acts.remove(id)
            claims.sealing[id] = nil
        }
    }

    /// Whether an act with this id is under way or waits for the trail: another entry under it would replace the act's.
    func isClaimed(_ id: EntryID) -> Bool {
        claims.withLock { $0.acts.contains(id) }
    }

    private func settle(_ ticket: SpoolTicket, _ batch: SealedBatch) {
        spool.settle(ticket)
        release(batch.id)
        claims.withLock { $0.kept.subtract(batch.entries.map(\.header.id)) }
    }

    // MARK: Acts

    func intend(_ intent: SealedBatch) async throws -> SpoolTicket {
        try await spool.intend(intent)
    }

    /// The act has changed nothing.
    func forget(_ ticket: SpoolTicket, _ intent: SealedBatch) {
        settle(ticket, intent)
    }

    /// Appends what came of an act, or keeps it until the trail takes it. What waits already comes first.
    ///
    /// - Throws: when neither trail nor spool took it; the intent stands then and is told at the next start.
    func deliver(_ outcome: SealedBatch, for ticket: SpoolTicket) async throws {
        if spool.waiting.kept == 0, (try? await trail.append(outcome.entries)) != nil {
            return settle(ticket, outcome)
        }
        try await spool.keep(outcome, replacing: ticket)
        drain()
    }

    /// Seals the outcome of an act once the vault answers again, ``sealingCountMax`` times at most; then the intent is told in its
    /// place. The trail takes an id once, so the intent cannot go first. A host that ends meanwhile leaves the intent, which is durable.
    func deliverLater(_ intent: SealedBatch, for ticket: SpoolTicket, outcome: @escaping @Sendable () async throws -> SealedBatch) {
        claims.withLock { claims in
            guard !claims.isStopped else { return }
            // Detached: it belongs to no request and must not keep one's context.
            claims.sealing[intent.id] = Task.detached { [weak self] in
                for _ in 0..<Keeper.sealingCountMax {
                    guard (try? await Task.sleep(for: Keeper.pause)) != nil else { return }
                    guard let sealed = try? await outcome() else { continue }
                    try? await self?.deliver(sealed, for: ticket)
                    return
                }
                guard !Task.isCancelled else { return }
                try? await self?.deliver(intent, for: ticket)
            }
        }
    }

    /// Keeps entries that the trail does not take.
    func keep(_ batch: SealedBatch) async throws {
        let ids = batch.entries.map(\.header.id)
        claims.withLock { $0.kept.formUnion(ids) }
        do {
            try await spool.keep(batch, replacing: nil)
        } catch {
            claims.withLock { $0.kept.subtract(ids) }
            throw error
        }
        drain()
    }

    private func drain() {
        draining.withLock { draining in
            guard draining == nil else { return }
            // Detached: the drain belongs to no request and must not keep one's context.
            draining = Task.detached { [weak self] in
                while let self, await self.drainOnce() {
                    guard (try? await Task.sleep(for: Keeper.pause)) != nil else { return }
                }
            }
        }
    }

    /// - Returns: whether something still waits.
    private func drainOnce() async -> Bool {
        while true {
            let batch = spool.kept(limit: Keeper.batchCountMax)
            guard (try? await trail.append(batch.flatMap(\.batch.entries))) != nil else { return true }
            for kept in batch { settle(kept.ticket, kept.batch) }
            if batch.isEmpty {
                // Whoever keeps something from here on finds no drain running and starts one.
                let isDone = draining.withLock { draining in
                    guard spool.waiting.kept == 0 else { return false }
                    draining = nil
                    return true
                }
                if isDone { return false }
            }
        }
    }

    /// Tries no more; what still waits stays in the spool.
    package func stop() {
        claims.withLock { claims in
            claims.isStopped = true
            for task in claims.sealing.values { task.cancel() }
            claims.sealing = [:]
        }
        draining.withLock { draining in
            draining?.cancel()
            draining = nil
        }
    }
}
