import Foundation
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail

/// What trail and data directory say about spools: who began one, what a dead process left, what is missing.
///
/// | entry | says |
/// |---|---|
/// | `spool.opened` | a process began to write acts down; detail `spool` is the file's id |
/// | `spool.drained` | everything in that file stands in the trail |
/// | `spool.damaged` | part of that file is not what was written there; it stays as `<id>.damaged`; detail `records` counts what is wrong |
struct SpoolBook {
    static let opened = "spool.opened"
    static let drained = "spool.drained"
    static let damaged = "spool.damaged"

    /// Acts in one commit.
    private static let batchCountMax = 256

    let place: Place
    let trail: Trail

    /// Brings what dead processes left to the trail. Their acts stand under the times at which they were begun.
    ///
    /// - Throws: when the trail does not take it; nothing is removed then.
    func drainLeftovers(by recorder: Recorder) async throws {
        guard let key = recorder.spoolKey else { return }
        for leftover in try FileSpool.leftovers(in: place.data, key: key, older: recorder.olderSpools) {
            var batches = leftover.batches
            if let older = leftover.older {
                for place in batches.indices { batches[place] = try await recorder.resealed(batches[place], from: older) }
            }
            for start in stride(from: 0, to: batches.count, by: SpoolBook.batchCountMax) {
                try await recorder.append(Array(batches[start...].prefix(SpoolBook.batchCountMax)))
            }
            if leftover.damage.isEmpty {
                try await SpoolBook.record(SpoolBook.drained, leftover.id, by: recorder)
                leftover.remove()
            } else {
                try await SpoolBook.record(SpoolBook.damaged, leftover.id, records: leftover.damage.count, by: recorder)
                leftover.setAside()
            }
        }
    }

    static func record(_ action: String, _ spool: Bytes16, records: Int? = nil, by recorder: Recorder) async throws {
        let event = [opened: "started", drained: "completed"][action] ?? "detected"
        var entry = BuiltInEntry(action: action, event: event, actor: .system("vestige"))
        entry.status = records == nil ? .success : .failure
        entry.details["spool"] = .code(spool.hex)
        if let records { entry.details["records"] = .integer(Int64(records)) }
        _ = try await recorder.record(entry)
    }

    /// Spools that were begun, did not end and are not there; and those that were damaged.
    func findings() async throws -> [TrailFinding] {
        let found = try await look()
        // A process may have ended its spool between its entry being read and its file being looked for.
        return found.isEmpty ? [] : try await look()
    }

    private func look() async throws -> [TrailFinding] {
        var open: [String: UInt64] = [:]
        var damaged: [TrailFinding] = []
        // Oldest first: a spool ends after it began.
        for entry in try await entries().reversed() {
            guard let body = entry.body, let header = try? Header(decoding: body.header), case .code(let id)? = header.details["spool"]
            else { continue }
            switch header.action {
            case SpoolBook.opened: open[id] = entry.seq
            case SpoolBook.drained: open[id] = nil
            default:
                open[id] = nil
                damaged.append(
                    TrailFinding(
                        .spool, seq: entry.seq,
                        "part of the spool \(id) was not what was written there; acts may be missing, look into spool/\(id).damaged"))
            }
        }
        let missing = open.filter { !FileManager.default.fileExists(atPath: "\(place.data)/spool/\($0.key).spool") }.map { id, seq in
            TrailFinding(.spool, seq: seq, "the spool \(id) was begun here and its file is gone; acts written down in it may be missing")
        }
        return damaged + missing
    }

    private func entries() async throws -> [StoredEntry] {
        var found: [StoredEntry] = []
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Code.complianceChannel]
        query.actions = [SpoolBook.opened, SpoolBook.drained, SpoolBook.damaged]
        while true {
            let page = try await trail.page(query)
            found += page
            guard page.count == query.limit, let last = page.last else { return found }
            query.before = last.seq
        }
    }
}
