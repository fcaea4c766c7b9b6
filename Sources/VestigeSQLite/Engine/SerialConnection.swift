import Dispatch
import GRDB
import Synchronization

/// The one connection of a small database, on a queue of its own.
///
/// Callers wait without blocking a thread of the cooperative pool, and cancelling one of them cuts nothing short: GRDB's
/// own asynchronous writes would roll back. One connection for reads and writes keeps its pages in memory, since only
/// another process can make them stale.
///
/// A sync that failed stops it, for reading too: what it would read may be gone with the next loss of power, and nothing may be built on it.
final class SerialConnection: Sendable {
    private let queue: DispatchQueue
    private let database: DatabaseQueue
    private let failure = Mutex<SQLiteStoreError?>(nil)

    init(_ database: DatabaseQueue, label: String) {
        self.database = database
        queue = DispatchQueue(label: label, qos: .userInitiated)
    }

    /// Runs statements outside any transaction; each is one of its own.
    func run<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in continuation.resume(with: Swift.Result { try runNow(body) }) }
        }
    }

    private func runNow<Result>(_ body: (Database) throws -> Result) throws -> Result {
        if let failure = failure.withLock({ $0 }) { throw failure }
        do {
            return try SQLiteStoreError.wrap { try database.writeWithoutTransaction(body) }
        } catch let error as SQLiteStoreError {
            if case .unconfirmed = error { failure.withLock { $0 = error } }
            throw error
        }
    }

    /// Runs `body` in one transaction that holds the right to write from its start. Durable on return.
    func write<Result: Sendable>(_ body: @escaping @Sendable (Database) throws -> Result) async throws -> Result {
        try await run { db in
            var result: Result?
            try db.inTransaction(.immediate) {
                result = try body(db)
                return .commit
            }
            guard let result else { throw SQLiteStoreError.closed }
            return result
        }
    }

    /// Waits for what is under way.
    func close() throws {
        try queue.sync { try SQLiteStoreError.wrap { try database.close() } }
    }
}
