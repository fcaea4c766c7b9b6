import Synchronization
import Testing

@testable import VestigeTrail

@Suite("Work in order")
struct InOrderTests {
    private struct Refusal: Error, Equatable {
        let item: Int
    }

    @Test("Outcomes are taken in the order of the items, each once, with few under way", arguments: [1, 2, 3, 9])
    func order(threads: Int) throws {
        let underWay = Mutex((now: 0, most: 0))
        var taken: [Int] = []
        try InOrder.run(0..<200, threads: threads) { item in
            underWay.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            // Uneven work: later items are often done first.
            var sum = item
            for step in 0..<(item % 7 * 2000) { sum = sum &* 31 &+ step }
            underWay.withLock { $0.now -= 1 }
            return (item, sum)
        } take: { outcome in
            taken.append(outcome.0)
            return true
        }
        #expect(taken == Array(0..<200))
        #expect(underWay.withLock { $0.most } <= threads + 1)
    }

    @Test("The first error by order ends it, whichever happened first", arguments: [1, 4])
    func errors(threads: Int) throws {
        var taken: [Int] = []
        #expect(throws: Refusal(item: 5)) {
            try InOrder.run(0..<50, threads: threads) { item in
                if item >= 5 { throw Refusal(item: item) }
                return item
            } take: { item in
                taken.append(item)
                return true
            }
        }
        #expect(taken == [0, 1, 2, 3, 4])
    }

    @Test("Whoever takes can end it; nothing runs on afterwards", arguments: [1, 4])
    func ended(threads: Int) throws {
        let begun = Mutex(0)
        var taken: [Int] = []
        try InOrder.run(0..<1000, threads: threads) { item in
            begun.withLock { $0 += 1 }
            return item
        } take: { item in
            taken.append(item)
            return item < 3
        }
        let count = begun.withLock { $0 }
        #expect(taken == [0, 1, 2, 3])
        #expect(count <= 4 + threads + 1)
    }
}
