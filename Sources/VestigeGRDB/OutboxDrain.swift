import GRDB
import Synchronization
import VestigeCore

/// Brings what stands in the outbox to the trail, in order, again and again until the trail takes it; only then does it leave the outbox.
///
/// A crash in between leaves rows whose entries stand already: the trail knows them by their ids and takes them once. For the same
/// reason two processes may drain one outbox: each begins with the oldest row there is, so neither can put a later act before an earlier one.
final class OutboxDrain: Sendable {
    private static let pause = Duration.seconds(1)

    private struct State {
        var task: Task<Void, Never>?
        var isPoked = false
        var isClosed = false
        var damaged: Set<Int64> = []
        var failure: String?
    }

    private let writer: any DatabaseWriter
    private let outbox: Outbox
    private let recorder: Recorder
    private let state = Mutex(State())

    init(writer: any DatabaseWriter, outbox: Outbox, recorder: Recorder) {
        self.writer = writer
        self.outbox = outbox
        self.recorder = recorder
    }

    /// Rows that the last pass found and left standing.
    var damaged: Set<Int64> { state.withLock { $0.damaged } }
    var failure: String? { state.withLock { $0.failure } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// There may be something to do.
    func poke() {
        state.withLock { state in
            guard !state.isClosed else { return }
            state.isPoked = true
            guard state.task == nil else { return }
            // Detached: the drain belongs to no request and must not keep one's context.
            state.task = Task.detached { await self.run() }
        }
    }

    private func run() async {
        while !Task.isCancelled {
            state.withLock { $0.isPoked = false }
            do {
                try await pass(through: .max)
            } catch {
                guard (try? await Task.sleep(for: OutboxDrain.pause)) != nil else { return }
                continue
            }
            // Whoever pokes from here on finds no drain running and starts one.
            let isDone = state.withLock { state in
                if !state.isPoked { state.task = nil }
                return !state.isPoked
            }
            if isDone { return }
        }
    }

    /// Brings the rows up to `last` to the trail and removes them.
    ///
    /// - Throws: `RecordingError`, `DatabaseError`: what was not removed is tried again.
    func pass(through last: Int64) async throws {
        do {
            try await takeRows(through: last)
            state.withLock { $0.failure = nil }
        } catch {
            if !(error is CancellationError) { state.withLock { $0.failure = "\(error)" } }
            throw error
        }
    }

    private func takeRows(through last: Int64) async throws {
        var damaged: Set<Int64> = []
        var place = Int64.min
        while true {
            let rows = try await writer.read { [outbox, place] in try outbox.rows(after: place, through: last, in: $0) }
            guard let end = rows.last?.seq else { break }
            let sound = rows.filter { $0.batch != nil }
            for row in rows where row.batch == nil { damaged.insert(row.seq) }
            if !sound.isEmpty {
                // One commit for all of them, or for none: so their order outlives a trail that fails and comes back.
                var batches: [SealedBatch] = []
                for row in sound {
                    guard let batch = row.batch else { continue }
                    if let older = row.older {
                        batches.append(try await recorder.resealed(batch, from: older))
                    } else {
                        batches.append(batch)
                    }
                }
                try await recorder.append(batches)
                try await writer.write { try Outbox.remove(sound, in: $0) }
            }
            place = end
        }
        state.withLock { $0.damaged = damaged }
    }

    /// Tries no more; what still waits stays in the outbox.
    func stop() -> Task<Void, Never>? {
        state.withLock { state in
            state.isClosed = true
            state.task?.cancel()
            return state.task
        }
    }
}
