import VestigeCore
import VestigeCrypto

/// One record of a spool file, and how it is framed there.
///
/// A file is a head of 32 bytes, `vestige/spool/v1` ‖ spool id 16, then records, integers big-endian:
///
/// | bytes | |
/// |---|---|
/// | 4 | length of the batch |
/// | 8 | sequence: of this record, ascending in the file, never used twice for one spool id |
/// | 1 | kind: 1 intent, 2 outcome, 3 settled |
/// | 8 | reference: the sequence of the act's first record; 0 in an intent, and in an outcome that no intent went before |
/// | 4 | CRC-32 of the 21 bytes above |
/// | length | the batch, as ``SealedBatch/encoded()`` writes it; none in a settled record |
/// | 32 | code: ``SpoolKey`` over kind ‖ reference ‖ batch, its place the spool id in hexadecimal, its number the sequence |
///
/// The CRC stands in the head of a record so that a length can be believed before the record's end was seen: a record cut off by a crash
/// and a changed length differ in it. What comes after the head is the code's to judge.
struct SpoolRecord: Sendable {
    enum Kind: UInt8, Sendable {
        case intent = 1
        case outcome = 2
        case settled = 3
    }

    static let magic = Array("vestige/spool/v1".utf8)
    static let fileHeadByteCount = 32
    static let headByteCount = 25
    static let frameByteCountMin = headByteCount + SpoolKey.codeByteCount
    static let batchByteCountMax = 64 << 20

    let sequence: UInt64
    let kind: Kind
    let reference: UInt64
    let batch: [UInt8]

    /// By the sequence of its first record an act is known.
    var ticket: UInt64 { reference == 0 ? sequence : reference }
    var frameByteCount: Int { SpoolRecord.frameByteCountMin + batch.count }

    static func fileHead(of spool: Bytes16) -> [UInt8] { magic + spool.bytes }

    func append(to output: inout [UInt8], key: SpoolKey, spool: String) {
        var head: [UInt8] = []
        head.reserveCapacity(SpoolRecord.headByteCount)
        SpoolRecord.append(UInt32(batch.count), to: &head)
        SpoolRecord.append(sequence, to: &head)
        head.append(kind.rawValue)
        SpoolRecord.append(reference, to: &head)
        SpoolRecord.append(CRC32.of(head), to: &head)
        output += head
        output += batch
        key.code(for: coded, in: spool, number: sequence).append(to: &output)
    }

    /// What the code is made over.
    private var coded: [UInt8] {
        var bytes: [UInt8] = [kind.rawValue]
        bytes.reserveCapacity(9 + batch.count)
        SpoolRecord.append(reference, to: &bytes)
        return bytes + batch
    }

    func isAuthentic(_ code: ArraySlice<UInt8>, key: SpoolKey, spool: String) -> Bool {
        key.verifies(Array(code), for: coded, in: spool, number: sequence)
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The head of a record, believed by its CRC.
struct SpoolRecordHead {
    let length: Int
    let sequence: UInt64
    let kind: SpoolRecord.Kind
    let reference: UInt64

    /// `nil` for bytes that are no such head. At least ``SpoolRecord/headByteCount`` bytes must stand at `offset`.
    init?(_ bytes: [UInt8], at offset: Int) {
        // By far the cheapest question first: every byte of a file may be asked when a head is looked for.
        guard let kind = SpoolRecord.Kind(rawValue: bytes[offset + 12]) else { return nil }
        func number(_ range: Range<Int>) -> UInt64 {
            bytes[offset + range.lowerBound..<offset + range.upperBound].reduce(0) { $0 << 8 | UInt64($1) }
        }
        guard number(21..<25) == UInt64(CRC32.of(bytes[offset..<offset + 21])) else { return nil }
        self.kind = kind
        length = Int(number(0..<4))
        sequence = number(4..<12)
        reference = number(13..<21)
    }

    var frameByteCount: Int { SpoolRecord.frameByteCountMin + length }
}
