import VestigeCrypto
import VestigeSQLite
import VestigeTrail

/// Entries of fixed content, written as a sequencer would.
enum TrailFixture {
    static let identity = TrailIdentity(id: .random(), origin: "vestige.local/test")
    static let person = Bytes16.random()

    static func entry(at time: Timestamp = Timestamp(microseconds: 1_778_000_000_000_000)) throws -> SealedEntry {
        let header = Header(
            id: .make(at: time), occurredAt: time, channel: "pii-read", event: "read", action: "pii.read.user",
            actor: ActorReference(type: "user", identity: .pseudonym(.random())), record: RecordHandle(type: "user", handle: person),
            subjects: [person], fields: ["email"], purpose: "support")
        return try SealedEntry(
            header: header, payload: Payload(items: [Payload.Item(kind: .subject, bytes: [UInt8](repeating: 7, count: 900))]))
    }

    static func leaf(_ entry: SealedEntry, recordedAt: Timestamp) -> [UInt8] {
        Leaf(id: entry.header.id, recordedAt: recordedAt, headerHash: .zero, payloadHash: .zero).encoded()
    }

    /// Appends `count` entries in one transaction and moves the head.
    static func append(_ count: Int, to store: SQLiteTrailStore, recordedAt: Timestamp = Timestamp(microseconds: 1_778_000_000_000_000))
        throws
    {
        let entries = try (0..<count).map { _ in try entry(at: recordedAt) }
        try store.write { transaction in
            var next = try transaction.leafCount()
            for entry in entries {
                try transaction.insert(entry, leaf: leaf(entry, recordedAt: recordedAt), seq: next)
                next += 1
            }
            try transaction.set(StoredHead(size: next, recordedAt: recordedAt, checkpoint: "note \(next)\n"), keep: false)
        }
    }
}
