import Dispatch
import Synchronization

/// Lets GRDB's thread, which is none of those that tasks run on, wait for something that a task does.
enum Blocking {
    /// How long a transaction stays open for the vault, which answers within milliseconds. On a machine that has no turn for its task it
    /// takes as long as others have theirs: a write that is given up is only made again, at the end of the queue. Bounded all the same, since
    /// the host's other writers wait meanwhile.
    private static let patience = DispatchTimeInterval.seconds(20)

    /// - Returns: nil when it takes too long; it goes on all the same.
    static func wait<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws -> Value? {
        let answer = Answer<Value>()
        Task.detached { await answer.ask(work) }
        return try answer.wait(until: .now() + patience)?.get()
    }

    /// However long it takes: for what must not go on once the transaction is over.
    static func finish(_ work: @escaping @Sendable () async throws -> Void) throws {
        let answer = Answer<Void>()
        Task.detached { await answer.ask(work) }
        try answer.wait(until: .distantFuture)?.get()
    }

    /// Asked by a task, answered to a thread.
    private final class Answer<Value: Sendable>: Sendable {
        private let isThere = DispatchSemaphore(value: 0)
        private let outcome = Mutex<Result<Value, any Error>?>(nil)

        func ask(_ work: @Sendable () async throws -> Value) async {
            let result: Result<Value, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
            isThere.signal()
        }

        func wait(until limit: DispatchTime) -> Result<Value, any Error>? {
            _ = isThere.wait(timeout: limit)
            return outcome.withLock { $0 }
        }
    }
}
