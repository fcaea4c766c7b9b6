public import VestigeCrypto

/// An entry ready for the trail: the exact bytes, their salts and their hashes.
///
/// Made by the caller, outside the sequencer, so that hashing runs on all cores.
public struct SealedEntry: Sendable {
    /// Header, payload and salts together.
    public static let byteCountMax = 60 * 1024
    public static let saltByteCount = 32

    public let header: Header
    public let headerBytes: [UInt8]
    public let payloadBytes: [UInt8]
    public let headerSalt: [UInt8]
    public let payloadSalt: [UInt8]
    let headerHash: Bytes32
    let payloadHash: Bytes32

    /// - Throws: ``TrailError/entryTooLarge(byteCount:)``
    public init(header: Header, payload: Payload) throws(TrailError) {
        let headerBytes = header.encoded()
        let payloadBytes = payload.encoded()
        let size = headerBytes.count + payloadBytes.count + 2 * SealedEntry.saltByteCount
        guard size <= SealedEntry.byteCountMax else { throw .entryTooLarge(byteCount: size) }
        let salts = Randomness.bytes(2 * SealedEntry.saltByteCount)
        self.header = header
        self.headerBytes = headerBytes
        self.payloadBytes = payloadBytes
        headerSalt = Array(salts[..<SealedEntry.saltByteCount])
        payloadSalt = Array(salts[SealedEntry.saltByteCount...])
        headerHash = Leaf.commitment(to: .header, salt: headerSalt, bytes: headerBytes)
        payloadHash = Leaf.commitment(to: .payload, salt: payloadSalt, bytes: payloadBytes)
    }

    /// An entry that was sealed before and kept for a while, with the very bytes and salts that it had.
    ///
    /// - Throws: ``TrailError`` when the bytes are no header or no payload, or too many.
    package init(
        headerBytes: [UInt8], headerSalt: [UInt8], payloadBytes: [UInt8], payloadSalt: [UInt8]
    ) throws(TrailError) {
        let size = headerBytes.count + payloadBytes.count + headerSalt.count + payloadSalt.count
        guard size <= SealedEntry.byteCountMax else { throw .entryTooLarge(byteCount: size) }
        header = try Header(decoding: headerBytes)
        _ = try Payload(decoding: payloadBytes)
        self.headerBytes = headerBytes
        self.payloadBytes = payloadBytes
        self.headerSalt = headerSalt
        self.payloadSalt = payloadSalt
        headerHash = Leaf.commitment(to: .header, salt: headerSalt, bytes: headerBytes)
        payloadHash = Leaf.commitment(to: .payload, salt: payloadSalt, bytes: payloadBytes)
    }

    func leaf(recordedAt: Timestamp) -> Leaf {
        Leaf(id: header.id, recordedAt: recordedAt, headerHash: headerHash, payloadHash: payloadHash)
    }
}

/// An entry as a store gives it back. The body is `nil` once it was pruned or redacted.
public struct StoredEntry: Sendable {
    public struct Body: Sendable, Equatable {
        public let headerSalt: [UInt8]
        public let header: [UInt8]
        public let payloadSalt: [UInt8]
        public let payload: [UInt8]

        public init(headerSalt: [UInt8], header: [UInt8], payloadSalt: [UInt8], payload: [UInt8]) {
            self.headerSalt = headerSalt
            self.header = header
            self.payloadSalt = payloadSalt
            self.payload = payload
        }
    }

    public let seq: UInt64
    public let leaf: [UInt8]
    public let body: Body?
    /// The id of the entry that is said to have redacted it; `verify` holds that against the entry itself.
    public let redactedBy: Bytes16?

    public init(seq: UInt64, leaf: [UInt8], body: Body?, redactedBy: Bytes16? = nil) {
        self.seq = seq
        self.leaf = leaf
        self.body = body
        self.redactedBy = redactedBy
    }
}
