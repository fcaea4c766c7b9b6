import CFaultyVFS
import Foundation
import Synchronization
import VestigeCrypto
import VestigeTrail

@testable import VestigeSQLite

/// One trail that is recorded on a faulty disk, and what has to hold of it wherever it is opened again.
struct TrailScene: Sendable {
    /// Few pages, unless said otherwise: the log is written back every few commits.
    var logPageCountMax = 24
    private static let origin = TrailFixture.identity.origin

    /// A receipt, and the moment at which whoever asked for it had it.
    struct Acknowledged: Sendable {
        let moment: Int
        let entry: Appended
    }

    private let seed = Randomness.bytes(32)
    private static let time = Timestamp(microseconds: 1_778_000_000_000_000)

    private func signer() throws -> CheckpointSigner {
        try Sodium.start()
        return try seed.withUnsafeBytes { bytes in
            try CheckpointSigner(origin: Self.origin, key: SigningKey(seed: SecretKey(copying: bytes)))
        }
    }

    /// What `vestige init` does with a trail, also after it was cut short.
    func begin(in directory: String) throws -> Trail {
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.create(in: directory, identity: TrailFixture.identity, logPageCountMax: logPageCountMax)
        } catch TrailError.alreadyExists {
            store = try SQLiteTrailStore.open(in: directory, logPageCountMax: logPageCountMax)
        }
        if try store.head() == nil { return try Trail.create(store: store, signer: signer(), clock: { Self.time }) }
        return try Trail.open(store: store, signer: signer(), clock: { Self.time })
    }

    func open(in directory: String) throws -> Trail {
        try Trail.open(
            store: SQLiteTrailStore.open(in: directory, logPageCountMax: logPageCountMax), signer: signer(), clock: { Self.time })
    }

    /// Appends side by side and notes each receipt.
    static func append(_ count: Int, to trail: Trail, on disk: FaultyDisk) async throws -> [Acknowledged] {
        try await withThrowingTaskGroup(of: Acknowledged.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let entry = try await trail.append(try TrailFixture.entry())
                    return Acknowledged(moment: disk.moment, entry: entry)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Opens what is there, and records one more entry in it: nobody lent a hand.
    ///
    /// - Parameters:
    ///   - others: entries that may stand there or not. Those that do are answered for from now on.
    ///   - wasBegun: whether the beginning of the trail was acknowledged.
    ///   - disk: where `directory` lies, if it may fall again.
    /// - Returns: what was found and what was added.
    @discardableResult
    func check(
        _ directory: String, holds acknowledged: [Appended], others: [Appended] = [], wasBegun: Bool, on disk: FaultyDisk? = nil,
        _ problems: inout Problems
    ) async -> [Acknowledged] {
        do {
            let trail = try wasBegun ? open(in: directory) : begin(in: directory)
            for (entry, stored) in zip(acknowledged, try await trail.entries(acknowledged.map(\.seq))) {
                problems.expect(
                    Leaf(decoding: stored.leaf)?.id == entry.id && stored.seq == entry.seq && stored.body != nil,
                    "place \(entry.seq) has another entry")
            }
            let size = try await trail.checkpoint().size
            problems.expect(
                acknowledged.allSatisfy { $0.seq < size }, "an acknowledged entry is gone: the trail has \(size)")
            var found: [Acknowledged] = []
            for other in others {
                guard let seq = try await trail.seq(of: other.id) else { continue }
                problems.expect(seq == other.seq, "an entry came to stand elsewhere")
                found.append(Acknowledged(moment: disk?.moment ?? 0, entry: other))
            }
            let more = try await trail.append(try TrailFixture.entry())
            problems.expect(more.seq == size, "the next entry stands at \(more.seq) of \(size)")
            found.append(Acknowledged(moment: disk?.moment ?? 0, entry: more))
            let report = try await trail.verify()
            problems.expect(report.verdict == .intact, "\(report.findings.prefix(3))")
            try trail.close()
            return found
        } catch {
            problems.add("\(error)")
            return []
        }
    }
}
