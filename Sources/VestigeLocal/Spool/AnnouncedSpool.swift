import Synchronization
import VestigeCore
import VestigeCrypto
import VestigeTrail

/// A file spool whose beginning and end stand in the trail: a spool that was begun and neither ended nor is there any more was taken away,
/// and acts may be missing.
final class AnnouncedSpool: Spool {
    private let spool: FileSpool
    private let beginning = Mutex<Task<Void, any Error>?>(nil)
    private let announce = Mutex<(@Sendable (Bytes16) async throws -> Void)?>(nil)

    init(_ spool: FileSpool) {
        self.spool = spool
    }

    var id: Bytes16 { spool.id }

    /// Says how the trail is told; before that no act is let through.
    func announce(by announce: @escaping @Sendable (Bytes16) async throws -> Void) {
        self.announce.withLock { $0 = announce }
    }

    func intend(_ intent: SealedBatch) async throws -> SpoolTicket {
        try await begin()
        return try await spool.intend(intent)
    }

    func keep(_ outcome: SealedBatch, replacing ticket: SpoolTicket?) async throws {
        // The trail does not take this very entry, so it is not asked to take another first.
        if ticket != nil { try await begin() }
        try await spool.keep(outcome, replacing: ticket)
    }

    func settle(_ ticket: SpoolTicket) { spool.settle(ticket) }

    func kept(limit: Int) -> [(ticket: SpoolTicket, batch: SealedBatch)] { spool.kept(limit: limit) }

    var waiting: SpoolWaiting { spool.waiting }

    func tidy() { spool.tidy() }

    /// Closes the file. One in which nothing waits is told to the trail as ended, then removed.
    ///
    /// - Parameter end: tells the trail.
    func close(_ end: (Bytes16) async throws -> Void) async throws {
        guard beginning.withLock({ $0 != nil }), spool.waiting == SpoolWaiting() else { return spool.close() }
        do {
            try await end(spool.id)
        } catch {
            // A file that the trail does not know to have ended must be there for the next opener, which ends it.
            spool.close(keepingFile: true)
            throw error
        }
        spool.close()
    }

    /// Why no act is let through any more; nil while all is well.
    var failure: SpoolError? { spool.failure }

    /// Once, however many ask at the same time; a failure is tried again by the next.
    private func begin() async throws {
        let task = beginning.withLock { beginning in
            if let beginning { return beginning }
            let announce = announce.withLock { $0 }
            let task = Task { [spool] in
                guard let announce else { throw SpoolError.storage("it is not open yet") }
                // First the file: a spool that the trail knows of and that is not there would be one that was taken away.
                try await spool.make()
                try await announce(spool.id)
            }
            beginning = task
            return task
        }
        do {
            try await task.value
        } catch {
            beginning.withLock { if $0 == task { $0 = nil } }
            throw SpoolError.storage("its beginning could not be recorded (\(error))")
        }
    }
}
