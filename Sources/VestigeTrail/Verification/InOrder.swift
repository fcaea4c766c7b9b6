import Dispatch
import Synchronization

/// Work on several threads whose outcomes are taken one after another, in the order of the items.
///
/// At most `threads + 1` items are under way or waiting to be taken, so that memory stays flat however many there are.
enum InOrder {
    private final class Pending<Outcome: Sendable>: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let result = Mutex<Result<Outcome, any Error>?>(nil)

        func fill(_ outcome: Result<Outcome, any Error>) {
            result.withLock { $0 = outcome }
            done.signal()
        }

        /// Waits for it.
        func taken() throws -> Outcome? {
            done.wait()
            return try result.withLock { $0 }?.get()
        }
    }

    /// Ends when `take` says false, or with the first error in the items' order. Blocks its thread; nothing runs on after it returns.
    static func run<Item: Sendable, Outcome: Sendable>(
        _ items: some Sequence<Item>, threads: Int, work: @escaping @Sendable (Item) throws -> Outcome, take: (Outcome) throws -> Bool
    ) throws {
        guard threads > 1 else {
            for item in items { guard try take(try work(item)) else { return } }
            return
        }
        let queue = DispatchQueue(label: "vestige.trail.verification", attributes: .concurrent)
        let group = DispatchGroup()
        let isOver = Atomic(false)
        defer {
            isOver.store(true, ordering: .relaxed)
            group.wait()
        }
        var rest = items.makeIterator()
        var underWay: [Pending<Outcome>] = []
        while true {
            while underWay.count <= threads, let item = rest.next() {
                let pending = Pending<Outcome>()
                underWay.append(pending)
                queue.async(group: group) {
                    // What nobody will take any more is not begun.
                    if isOver.load(ordering: .relaxed) { return }
                    pending.fill(Result { try work(item) })
                }
            }
            guard !underWay.isEmpty, let outcome = try underWay.removeFirst().taken() else { return }
            guard try take(outcome) else { return }
        }
    }
}
