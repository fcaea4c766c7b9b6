import VestigeCrypto
import VestigeTrail

/// Headers that differ in everything a store can look for.
enum TrailSamples {
    static let start = Timestamp(microseconds: 1_778_000_000_000_000)
    static let people = (0..<5).map { number in Bytes16([UInt8](repeating: 0xA0 + UInt8(number), count: 16)) ?? .zero }
    static let actors = (0..<3).map { number in Bytes16([UInt8](repeating: 0xC0 + UInt8(number), count: 16)) ?? .zero }
    static let hardware = (0..<2).map { number in RecordHandle(type: "hardware", id: "1\(number)") }
    private static let events = ["read", "updated", "exported", "read"]
    private static let purposes: [String?] = ["support", nil, "audit"]

    /// Header number `number`: every list above in turn, with periods that have no common divisor.
    static func header(_ number: Int) -> Header {
        let isQuestion = number % 7 == 6
        let event = events[number % events.count]
        // Times of occurrence do not follow the order of recording.
        let time = start.adding(microseconds: Int64((number * 37) % 101) * Timestamp.microsecondsPerSecond)
        return Header(
            id: EntryID.make(at: time), occurredAt: time, channel: ["pii-read", "people", "auth"][number % 3], event: event,
            action: isQuestion ? "audit.asked" : "people.\(event)", status: EntryStatus.allCases[number % 4],
            actor: ActorReference(type: number % 5 == 0 ? "system" : "user", identity: .pseudonym(actors[number % 3])),
            record: hardware[number % 2], subjects: [people[number % 5], people[(number + 1) % 5]], purpose: purposes[number % 3])
    }

    static func sealed(_ header: Header) throws -> SealedEntry {
        try SealedEntry(header: header, payload: Payload(items: [Payload.Item(kind: .subject, bytes: [1, 2, 3])]))
    }

    static func leaf(_ entry: SealedEntry, recordedAt: Timestamp) -> [UInt8] {
        Leaf(
            id: entry.header.id, recordedAt: recordedAt,
            headerHash: Leaf.commitment(to: .header, salt: entry.headerSalt, bytes: entry.headerBytes),
            payloadHash: Leaf.commitment(to: .payload, salt: entry.payloadSalt, bytes: entry.payloadBytes)
        ).encoded()
    }

    static func tile(level: Int, index: UInt64) -> Tile {
        Tile(level: level, index: index, hashes: (0..<Tile.width).map { TreeHash.leaf([UInt8(level), UInt8($0)]) })
    }
}
