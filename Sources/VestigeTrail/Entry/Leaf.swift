public import VestigeCrypto

/// What the tree holds of an entry: it commits to header and payload without containing them.
///
/// 89 bytes: `0x01 ‖ entry id 16 ‖ recorded_at u64 ‖ header hash 32 ‖ payload hash 32`.
public struct Leaf: Sendable, Equatable {
    public static let byteCount = 89

    public let id: EntryID
    /// When the entry was made durable.
    public let recordedAt: Timestamp
    public let headerHash: Bytes32
    public let payloadHash: Bytes32

    public init(id: EntryID, recordedAt: Timestamp, headerHash: Bytes32, payloadHash: Bytes32) {
        self.id = id
        self.recordedAt = recordedAt
        self.headerHash = headerHash
        self.payloadHash = payloadHash
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Leaf.byteCount)
        bytes.append(0x01)
        id.bytes.append(to: &bytes)
        bytes.append(bigEndian: UInt64(bitPattern: recordedAt.microseconds))
        headerHash.append(to: &bytes)
        payloadHash.append(to: &bytes)
        return bytes
    }

    /// `nil` unless 89 bytes of version 1.
    public init?(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard bytes.count == Leaf.byteCount, reader.integer(UInt8.self) == 0x01, let rawID = reader.take(16),
            let idBytes = Bytes16(rawID), let id = EntryID(idBytes), let time = reader.integer(UInt64.self),
            let rawHeader = reader.take(32), let headerHash = Bytes32(rawHeader), let rawPayload = reader.take(32),
            let payloadHash = Bytes32(rawPayload)
        else { return nil }
        self.init(
            id: id, recordedAt: Timestamp(microseconds: Int64(bitPattern: time)), headerHash: headerHash, payloadHash: payloadHash)
    }

    /// `SHA-256(label ‖ 0x00 ‖ salt ‖ bytes)`, the commitment to one part of a body.
    public static func commitment(to part: BodyPart, salt: [UInt8], bytes: [UInt8]) -> Bytes32 {
        var hasher = SHA256Hasher()
        hasher.update(part.label)
        hasher.update(salt)
        hasher.update(bytes)
        return hasher.finish()
    }

    /// Whether `bytes` and their salt are what this leaf committed to.
    ///
    /// The hash alone would not do: it is over salt and bytes together, so bytes could be counted to the salt that follow it.
    public func commits(to part: BodyPart, salt: [UInt8], bytes: [UInt8]) -> Bool {
        salt.count == SealedEntry.saltByteCount
            && Leaf.commitment(to: part, salt: salt, bytes: bytes) == (part == .header ? headerHash : payloadHash)
    }
}

/// The two parts of a body, each hashed under a label of its own.
public enum BodyPart: Sendable {
    case header, payload

    var label: [UInt8] {
        switch self {
        case .header: BodyPart.headerLabel
        case .payload: BodyPart.payloadLabel
        }
    }

    private static let headerLabel = Array("vestige/header/v1".utf8) + [0]
    private static let payloadLabel = Array("vestige/payload/v1".utf8) + [0]
}
