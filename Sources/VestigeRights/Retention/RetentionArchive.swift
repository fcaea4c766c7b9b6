import VestigeCore
public import VestigeCrypto
import VestigePolicy
public import VestigeTrail

/// Where bodies are written before they go, if the policy says so (`retention.archive`).
public protocol RetentionArchive: Sendable {
    /// Keeps entries with their leaves, headers, payloads and salts, exactly as they stand in the trail. Durable on return.
    ///
    /// After a crash the same entries may come again: whoever reads the archive tells them by their place.
    ///
    /// - Throws: nothing of `entries` is removed from the trail then.
    func keep(_ entries: [StoredEntry], under plan: RetentionPlan) async throws

    /// The places that were kept under `plan` and are in the archive still.
    func places(under plan: RetentionPlan) async throws -> SeqRuns

    /// Files into which nothing was written on `day` or later, oldest first.
    ///
    /// - Parameter day: days since 1970.
    func files(before day: Int64) async throws -> [String]

    /// Reads a file from its beginning to its end.
    ///
    /// - Parameter isKept: gets the header of a line; `nil` for one that cannot be read.
    /// - Returns: `isKept` if it said yes to any line.
    func read(_ file: String, _ isKept: @escaping @Sendable (Header?) -> Bool) async throws -> (file: ArchivedFile, isKept: Bool)

    /// Removes a file for good. Durable on return.
    func remove(_ file: String) async throws
}

/// What a file of an archive holds.
public struct ArchivedFile: Sendable, Equatable {
    public let name: String
    public let lines: UInt64
    /// Of all its bytes.
    public let digest: Bytes32

    public init(name: String, lines: UInt64, digest: Bytes32) {
        self.name = name
        self.lines = lines
        self.digest = digest
    }

    /// The first clear item of `retention.archive_removed`.
    var clear: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("file", name)
            json.key("lines")
            json.integer(Int64(clamping: lines))
            json.member("sha256", digest.hex)
        }
        return json.bytes
    }
}

extension Rights {
    static let archiveRemovedAction = "retention.archive_removed"

    /// Removes archived files whose time is over, each after an entry `retention.archive_removed` with its name and SHA-256. One in which a held
    /// person or record stands stays, and so does one that cannot be read.
    func removeArchives(_ archive: any RetentionArchive, now: Timestamp, _ order: PruneOrder, _ pruned: inout Pruned) async throws {
        guard let window = policy.retention.archive else { return }
        for name in try await archive.files(before: now.day - Int64(window.keep.days)) {
            let held = try await keptFromPruning()
            let (file, stays) = try await archive.read(name) { $0.map(held.covers) ?? true }
            if stays {
                pruned.archivesKept += 1
                continue
            }
            var entry = BuiltInEntry(
                action: Self.archiveRemovedAction, event: Event.pruned.rawValue, actor: order.actor, purpose: order.purpose)
            entry.details = ["lines": .integer(Int64(clamping: file.lines))]
            entry.clear = [file.clear]
            _ = try await recorder.record(entry)
            try await archive.remove(name)
            pruned.archivesRemoved += 1
        }
    }
}
