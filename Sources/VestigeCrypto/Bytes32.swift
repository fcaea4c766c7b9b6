/// Thirty-two bytes: a digest, a public key. Ordered and compared as big-endian bytes; printed as lower-case hex.
///
/// Comparison is not in constant time: a secret never belongs in here.
@frozen
public struct Bytes32: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let byteCount = 32
    public static let zero = Bytes32(a: 0, b: 0, c: 0, d: 0)

    @usableFromInline let a: UInt64
    @usableFromInline let b: UInt64
    @usableFromInline let c: UInt64
    @usableFromInline let d: UInt64

    @inlinable
    init(a: UInt64, b: UInt64, c: UInt64, d: UInt64) {
        self.a = a
        self.b = b
        self.c = c
        self.d = d
    }

    /// `bytes` must be 32 long; the caller has seen to it.
    @inlinable
    init(loading bytes: UnsafeRawBufferPointer) {
        self.init(
            a: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            b: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            c: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            d: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self)))
    }

    /// `nil` unless there are exactly 32 bytes.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        if let loaded = bytes.withContiguousStorageIfAvailable({ Bytes32(loading: UnsafeRawBufferPointer($0)) }) {
            self = loaded
        } else {
            self = [UInt8](bytes).withUnsafeBytes { Bytes32(loading: $0) }
        }
    }

    /// `nil` unless `hex` is exactly 64 digits, lower-case only.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex, byteCount: 32) else { return nil }
        self.init(bytes)
    }

    /// `nil` unless `base64` is the padded standard form of exactly 32 bytes.
    public init?(base64: some StringProtocol) {
        guard let bytes = Base64.decode(base64) else { return nil }
        self.init(bytes)
    }

    public static func random() -> Bytes32 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
            Randomness.fill(buffer)
            return Bytes32(loading: UnsafeRawBufferPointer(buffer))
        }
    }

    public var bytes: [UInt8] { withBytes { [UInt8]($0) } }
    public var hex: String { withBytes { Hex.encode($0) } }
    public var base64: String { Base64.encode(bytes) }
    public var description: String { hex }

    @inlinable
    public func append(to output: inout [UInt8]) { withBytes { output.append(contentsOf: $0) } }

    /// Lends the 32 bytes for the length of the call.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: (a.bigEndian, b.bigEndian, c.bigEndian, d.bigEndian), body)
    }

    @inlinable
    public static func < (left: Bytes32, right: Bytes32) -> Bool {
        if left.a != right.a { return left.a < right.a }
        if left.b != right.b { return left.b < right.b }
        if left.c != right.c { return left.c < right.c }
        return left.d < right.d
    }
}
