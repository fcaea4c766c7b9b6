import Dispatch
import Glibc
import Synchronization
package import VestigeCore
package import VestigeCrypto

/// The spool of one process in a data directory: `spool/<id>.spool`, made at the first act and locked for as long as the process lives.
///
/// Group commit as in the trail's sequencer: a thread of its own writes whatever has queued up and makes it durable with one `fdatasync`.
/// A caller who hangs up cancels nothing. Once a write or an `fdatasync` has failed nobody knows what the disk holds, so the spool stops:
/// no act is let through any more, while ``kept(limit:)`` and ``settle(_:)`` go on from memory. For the bytes see `SpoolRecord`.
///
/// A spool dropped without ``close()`` leaves its file to the next opener, as a crash does.
package final class FileSpool: Spool {
    /// When the file is made smaller, in bytes.
    struct Limits: Sendable {
        /// Cut back to its head when nothing is waiting and it is longer.
        var empty = 256 << 10
        /// Written anew when it is longer and most of it is settled.
        var crowded = 8 << 20
    }

    private static let groupCountMax = 1024

    /// Names the file, and goes into every code.
    package let id = Bytes16.random()

    private let data: String
    private let key: SpoolKey
    private let limits: Limits
    let thread = DispatchQueue(label: "vestige.spool", qos: .userInitiated)
    private let state = Mutex(SpoolQueue())
    /// Used by the thread only.
    private let file = Mutex<SpoolFile?>(nil)

    /// Touches nothing yet.
    ///
    /// - Parameter data: the data directory.
    package convenience init(in data: String, key: SpoolKey) {
        self.init(in: data, key: key, limits: Limits())
    }

    init(in data: String, key: SpoolKey, limits: Limits) {
        self.data = data
        self.key = key
        self.limits = limits
    }

    /// Makes the file, durable on return, before anything is written to it.
    ///
    /// - Throws: ``SpoolError/storage(_:)``; the next act tries again.
    package func make() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            thread.async { continuation.resume(with: Result { _ = try self.file.withLock { try self.opened(&$0) } }) }
        }
    }

    package func intend(_ intent: SealedBatch) async throws -> SpoolTicket {
        try await write(.intent, intent, reference: 0)
    }

    package func keep(_ outcome: SealedBatch, replacing ticket: SpoolTicket?) async throws {
        _ = try await write(.outcome, outcome, reference: ticket?.sequence ?? 0)
    }

    package func settle(_ ticket: SpoolTicket) {
        let mustStart = state.withLock { state in
            guard state.live.contains(ticket.sequence) else { return false }
            state.live.remove(ticket.sequence)
            // A settled act that comes to light again after a crash is one the trail knows.
            guard state.refusal == nil else { return false }
            return state.add(.settled, reference: ticket.sequence)
        }
        if mustStart { thread.async { self.drain() } }
    }

    package func kept(limit: Int) -> [(ticket: SpoolTicket, batch: SealedBatch)] { state.withLock { $0.live.kept(limit: limit) } }

    package var waiting: SpoolWaiting { state.withLock { $0.live.waiting } }

    /// Why no act is let through any more; `nil` while all is well.
    package var failure: SpoolError? { state.withLock { $0.refusal == .closed ? nil : $0.refusal } }

    /// Leaves nothing in the file but what waits: settled acts stand in the trail and nowhere else. Returns once it is done.
    package func tidy() {
        thread.sync { file.withLock { shrink(&$0, wholly: true) } }
    }

    /// Takes nothing more and waits until what has queued up is durable. A file in which nothing waits is removed; any other is left to the
    /// next opener.
    ///
    /// - Parameter keepingFile: leaves an empty file too.
    package func close(keepingFile: Bool = false) {
        state.withLock { $0.refusal = $0.refusal ?? .closed }
        thread.sync {
            let isEmpty = state.withLock { $0.live.isEmpty }
            file.withLock { file in
                if isEmpty, !keepingFile { file?.remove() }
                file = nil
            }
        }
    }

    /// What waits for the thread, how often a group was made durable, and where: for tests.
    var queued: Int { state.withLock { $0.waiting.count } }
    var syncs: Int { state.withLock { $0.syncs } }
    var descriptor: Int32? { file.withLock { $0?.descriptor } }
}

extension FileSpool {
    private func write(_ kind: SpoolRecord.Kind, _ batch: SealedBatch, reference: UInt64) async throws -> SpoolTicket {
        let bytes = batch.encoded()
        guard bytes.count <= SpoolRecord.batchByteCountMax else {
            throw SpoolError.storage("an act's entries are over \(SpoolRecord.batchByteCountMax >> 20) MiB; the act was refused, divide it")
        }
        return try await withCheckedThrowingContinuation { continuation in
            let durable = SpoolRequest.Durable(batch: batch) { continuation.resume(with: $0) }
            let (refusal, mustStart) = state.withLock { state in
                if let refusal = state.refusal { return (SpoolError?.some(refusal), false) }
                return (nil, state.add(kind, batch: bytes, reference: reference, durable: durable))
            }
            if let refusal { durable.resume(.failure(refusal)) }
            if mustStart { thread.async { self.drain() } }
        }
    }

    private func drain() {
        while let group = state.withLock({ $0.nextGroup(upTo: FileSpool.groupCountMax) }) {
            if let error = file.withLock({ file in attempt(group, &file) }) {
                for request in group { request.refuse(error) }
                continue
            }
            state.withLock { state in
                for request in group {
                    if let durable = request.durable { state.live.insert(request.record, durable.batch) }
                }
            }
            for request in group { request.durable?.resume(.success(SpoolTicket(sequence: request.record.ticket))) }
            file.withLock { file in shrink(&file) }
        }
    }

    /// - Returns: why `group` was not written; nothing more will be then, unless there is no file yet in which anything could be in doubt.
    private func attempt(_ group: [SpoolRequest], _ file: inout SpoolFile?) -> SpoolError? {
        do {
            try commit(group, to: &file)
            return nil
        } catch {
            if file != nil { stop(error) }
            return error
        }
    }

    private func commit(_ group: [SpoolRequest], to file: inout SpoolFile?) throws(SpoolError) {
        let file = try opened(&file)
        let length = file.length
        var bytes: [UInt8] = []
        bytes.reserveCapacity(group.reduce(0) { $0 + $1.record.frameByteCount })
        let spool = id.hex
        for request in group { request.record.append(to: &bytes, key: key, spool: spool) }
        try file.append(bytes)
        guard group.contains(where: { $0.durable != nil }) else { return }
        state.withLock { $0.syncs += 1 }
        do {
            try file.sync()
        } catch {
            // Acts that are refused now should not come to light as acts without outcome.
            file.cut(to: length)
            throw error
        }
    }

    private func opened(_ file: inout SpoolFile?) throws(SpoolError) -> SpoolFile {
        if let file { return file }
        let directory = data + "/spool"
        if mkdir(directory, 0o700) == 0 {
            try SpoolFile.syncDirectory(data)
        } else if errno != EEXIST {
            throw .failed("making the spool directory", errno)
        }
        let made = try SpoolFile.make(id, in: directory)
        file = made
        try made.syncDirectory()
        return made
    }

    private func stop(_ error: SpoolError) {
        for request in state.withLock({ $0.stop(error) }) { request.refuse(error) }
    }

    /// - Parameter wholly: whatever the limits say.
    private func shrink(_ file: inout SpoolFile?, wholly: Bool = false) {
        guard let old = file, wholly || old.length > min(limits.empty, limits.crowded) else { return }
        let live = state.withLock { $0.live }
        let hasSettled = old.length > SpoolRecord.fileHeadByteCount + live.byteCount
        if live.isEmpty {
            if wholly || old.length > limits.empty { old.cut(to: SpoolRecord.fileHeadByteCount) }
        } else if wholly ? hasSettled : old.length > limits.crowded && live.byteCount < old.length / 2 {
            var records: [UInt8] = []
            records.reserveCapacity(live.byteCount)
            for record in live.records { record.append(to: &records, key: key, spool: id.hex) }
            do {
                // If it cannot be had the long one is as good; the next group tries again.
                guard let short = try? SpoolFile.make(id, in: data + "/spool", records: records) else { return }
                file = short
                try short.syncDirectory()
            } catch {
                stop(error)
            }
        }
    }
}
