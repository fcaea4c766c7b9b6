import Foundation
import Synchronization
import VestigeCrypto
import VestigeSQLite

@testable import VestigeTrail

/// A trail in a real file, to be attacked. Made from fixed seeds: the same entries, salts, keys and times at every run.
struct TrailFile: Sendable {
    static let identity = TrailIdentity(id: Bytes16([UInt8](repeating: 0xA7, count: 16)) ?? .zero, origin: "vestige.local/tampering")
    /// Twenty minutes past an hour, long enough ago for a plan to cover it.
    static let start = Timestamp(microseconds: 1_704_068_400_000_000)
    /// Entries of one commit; ten minutes pass from one to the next.
    static let batchCount = 25
    /// The entry in whose payload another payload stands.
    static let nestedPayloadSeq = 310

    /// `trail.sqlite` of the closed trail, the log written back.
    let closed: [UInt8]
    /// The same while it was open: the file and its log.
    let open: (file: [UInt8], log: [UInt8])
    /// The newest checkpoint, as somebody outside keeps it.
    let newest: String

    static func signer(_ identity: TrailIdentity = identity, seed: UInt8 = 1) throws -> CheckpointSigner {
        try Sodium.start()
        return try [UInt8](repeating: seed, count: 32).withUnsafeBytes { bytes in
            try CheckpointSigner(origin: identity.origin, key: SigningKey(seed: SecretKey(copying: bytes)))
        }
    }

    static func clock(_ number: Int) -> Timestamp { start.adding(microseconds: Int64(number / batchCount) * 600_000_000) }

    /// Records `count` entries. `logged` of them stand in the log only, in the copy that was taken while it was open.
    static func make(
        _ count: Int, logged: Int = 0, identity: TrailIdentity = identity, seed: UInt8 = 1, payloadByteCount: Int = 40,
        prunes: Bool = false
    ) async throws -> TrailFile {
        let directory = try ScratchDirectory()
        let now = Mutex(start)
        var seeds = Seeded(UInt64(seed))
        let store = try SQLiteTrailStore.create(in: directory.path, identity: identity)
        var trail = try Trail.create(
            store: store, signer: signer(identity, seed: seed),
            clock: { now.withLock { $0 } })
        var number = 0
        func record(upTo end: Int) async throws {
            while number < end {
                let entries = try (number..<min(end, number + batchCount)).map {
                    try entry($0, &seeds, payloadByteCount: payloadByteCount)
                }
                now.withLock { [number] in $0 = clock(number) }
                _ = try await trail.append(entries)
                number += entries.count
            }
        }
        try await record(upTo: count - logged)
        if logged > 0 {
            try trail.close()
            trail = try Trail.open(
                store: SQLiteTrailStore.open(in: directory.path), signer: signer(identity, seed: seed), clock: { now.withLock { $0 } })
        }
        try await record(upTo: count)
        if prunes {
            now.withLock { $0 = start.adding(days: 60) }
            try await prune(trail, store)
        }
        let open = (file: try directory.bytes("trail.sqlite"), log: try directory.bytes("trail.sqlite-wal"))
        let newest = try await trail.checkpoint().note
        try trail.close()
        return TrailFile(closed: try directory.bytes("trail.sqlite"), open: open, newest: newest)
    }

    /// What the trail of `prunes` lost.
    static let prunedPlaces = SeqRuns([100..<150, 160..<200].joined().map { UInt64($0) })

    private static func prune(_ trail: Trail, _ store: SQLiteTrailStore) async throws {
        let cutoff = start.adding(days: 29)
        try await trail.appendOwn(
            RetentionPlan.action, clear: RetentionPlan.encode(prunedPlaces, cutoff: cutoff, channels: ["pii-read"]))
        let plan = try await trail.unfinishedPlans()[0]
        var rest = Array(prunedPlaces.seqs)[...]
        while !rest.isEmpty { rest = rest.dropFirst(try store.prune(Array(rest), under: plan.row, within: .milliseconds(1))) }
        try await trail.appendOwn(
            RetentionPlan.doneAction, details: ["plans": .integer(1), "entries": .integer(90), "total": .integer(90)])
    }

    /// Looks at seven people by three actors, and every ninth another act; every hundredth has more than fits on a page.
    static func entry(_ number: Int, _ seeds: inout Seeded, payloadByteCount: Int) throws -> SealedEntry {
        var header = TrailFixture.header(number)
        var id = seeds.bytes(16)
        let milliseconds = UInt64(clock(number).microseconds / 1000)
        for place in 0..<6 { id[place] = UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * place)) }
        id[6] = 0x70 | id[6] & 0x0F
        id[8] = 0x80 | id[8] & 0x3F
        header.id = Bytes16(id).flatMap { EntryID($0) } ?? header.id
        header.occurredAt = clock(number).adding(microseconds: -Int64(number % 100))
        if number % 9 == 8 {
            header.event = "updated"
            header.action = "pii.updated.user"
            header.purpose = nil
        }
        let slot = seeds.bytes(number % 100 == 99 ? 9000 : payloadByteCount)
        var payload = Payload(items: [.init(kind: .actor, bytes: seeds.bytes(payloadByteCount)), .init(kind: .subject, bytes: slot)])
        if number == nestedPayloadSeq { payload = Payload(items: [.init(kind: .clear, bytes: payload.encoded())]) }
        return try SealedEntry(
            headerBytes: header.encoded(), headerSalt: seeds.bytes(32), payloadBytes: payload.encoded(), payloadSalt: seeds.bytes(32))
    }
}

/// A directory in memory where there is one, gone when nobody holds it any more.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        let base = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : FileManager.default.temporaryDirectory.path
        path = base + "/vestige-tampering-" + Bytes16.random().hex
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: file(name)))) }

    func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(filePath: file(name))) }
}
