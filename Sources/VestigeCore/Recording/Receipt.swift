public import VestigeTrail

/// Says that an entry is durable, and where it stands.
public struct Receipt: Sendable, Equatable {
    public let id: EntryID
    public let seq: UInt64
    public let recordedAt: Timestamp

    package init(_ appended: Appended) {
        id = appended.id
        seq = appended.seq
        recordedAt = appended.recordedAt
    }
}
