import Dispatch
import Foundation
import Synchronization
import Testing
import VestigeTrail

@testable import VestigeSQLite

/// A value that several threads change.
private final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { value.withLock(body) }
}

@Suite("One writer at a time")
struct TrailConcurrencyTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("two stores on one directory take turns, and both make progress")
    func twoStores() throws {
        let stores = [
            try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity), try SQLiteTrailStore.open(in: directory.path),
        ]
        let turns = 40
        let (written, failures) = (Shared([0, 0]), Shared<[String]>([]))
        // Threads of their own that begin together: a pool might run one after the other.
        let (ready, start, done) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        for writer in 0..<2 {
            Thread.detachNewThread {
                ready.signal()
                start.wait()
                // Each writes on until both have had their turns: who never lets go keeps the other from them.
                let end = ContinuousClock.now + .seconds(180)
                while ContinuousClock.now < end, written.withLock({ $0.min() ?? 0 }) < turns {
                    do {
                        try TrailFixture.append(2, to: stores[writer])
                        written.withLock { $0[writer] += 1 }
                    } catch { failures.withLock { $0.append("\(error)") } }
                }
                done.signal()
            }
        }
        for _ in 0..<2 { ready.wait() }
        for _ in 0..<2 { start.signal() }
        for _ in 0..<2 { done.wait() }
        #expect(failures.withLock { $0 } == [])
        let counts = written.withLock { $0 }
        print("\(counts[0]) turns of one writer beside \(counts[1]) of the other")
        #expect(counts.allSatisfy { $0 >= turns })
        let size = UInt64(2 * (counts[0] + counts[1]))
        #expect(try stores[0].leaves(0..<(size + 1)).count == Int(size))
        #expect(try stores[1].head()?.size == size)
        for store in stores { try store.close() }
    }

    @Test("while one store writes the other waits, and readers do not")
    func exclusion() throws {
        let first = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        let second = try SQLiteTrailStore.open(in: directory.path)
        let finished = DispatchSemaphore(value: 0)
        try first.write { (transaction: any TrailTransaction) throws -> Void in
            Thread.detachNewThread {
                try? TrailFixture.append(1, to: second)
                finished.signal()
            }
            #expect(finished.wait(timeout: .now() + 0.2) == .timedOut)
            #expect(try second.head() == nil)
            #expect(try transaction.leafCount() == 0)
        }
        #expect(finished.wait(timeout: .now() + 180) == .success)
        #expect(try first.head()?.size == 1)
        try first.close()
        try second.close()
    }

    @Test("a write that throws leaves nothing behind, and the next one goes on")
    func rollback() throws {
        struct Stop: Error {}
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        #expect(throws: Stop.self) {
            try store.write { transaction in
                let entry = try TrailFixture.entry()
                try transaction.insert(entry, leaf: TrailFixture.leaf(entry, recordedAt: entry.header.occurredAt), seq: 0)
                throw Stop()
            }
        }
        try TrailFixture.append(1, to: store)
        #expect(try store.head()?.size == 1)
        try store.close()
    }

    @Test("a closed store says so")
    func closed() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        try store.close()
        try store.close()
        #expect(throws: TrailError.closed) { try store.head() }
        #expect(throws: TrailError.closed) { try TrailFixture.append(1, to: store) }
    }

    @Test("the log is written back by the writer alone, before it outgrows its limit for long")
    func checkpoints() throws {
        let store = try SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity)
        func size(_ name: String) throws -> Int {
            try FileManager.default.attributesOfItem(atPath: directory.file(name))[.size] as? Int ?? 0
        }
        let empty = try size("trail.sqlite")
        try TrailFixture.append(500, to: store)
        // Readers come and go; none of them writes back, not even as the last one.
        let reader = try SQLiteTrailStore.open(in: directory.path)
        #expect(try reader.leaves(0..<1000).count == 500)
        #expect(try size("trail.sqlite") == empty)
        #expect(try size("trail.sqlite-wal") > 0)
        for _ in 0..<30 { try TrailFixture.append(500, to: store) }
        #expect(try size("trail.sqlite") > empty)
        #expect(try size("trail.sqlite-wal") < 3 * 4096 * SQLiteTrailStore.logPageCountMax)
        try reader.close()
        try store.close()
        #expect(try size("trail.sqlite-wal") == 0)
    }
}
