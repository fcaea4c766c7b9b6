import Synchronization
import VestigeTrail

/// Brings what waits in a spool to the trail: in order, again and again until the trail takes it.
package final class Keeper: Sendable {
    private static let pause = Duration.seconds(1)
    private static let batchCountMax = 256

    private let spool: any Spool
    private let trail: Trail
    private let draining = Mutex<Task<Void, Never>?>(nil)

    init(spool: any Spool, trail: Trail) {
        self.spool = spool
        self.trail = trail
    }

    package var waiting: SpoolWaiting { spool.waiting }

    func intend(_ intent: SealedBatch) async throws -> SpoolTicket {
        try await spool.intend(intent)
    }

    /// The act has changed nothing.
    func forget(_ ticket: SpoolTicket) {
        spool.settle(ticket)
    }

    /// Appends what came of an act, or keeps it until the trail takes it. What waits already comes first.
    ///
    /// - Throws: when neither trail nor spool took it; the intent stands then and is told at the next start.
    func deliver(_ outcome: SealedBatch, for ticket: SpoolTicket) async throws {
        if spool.waiting.kept == 0, (try? await trail.append(outcome.entries)) != nil {
            return spool.settle(ticket)
        }
        try await spool.keep(outcome, replacing: ticket)
        drain()
    }

    /// Keeps entries that the trail does not take.
    func keep(_ batch: SealedBatch) async throws {
        try await spool.keep(batch, replacing: nil)
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
            for kept in batch { spool.settle(kept.ticket) }
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
        draining.withLock { draining in
            draining?.cancel()
            draining = nil
        }
    }
}
