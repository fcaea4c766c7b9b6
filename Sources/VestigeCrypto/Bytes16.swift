/// Sixteen bytes: an id, a handle. Ordered and compared as big-endian bytes; printed as lower-case hex.
@frozen
public struct Bytes16: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let byteCount = 16
    public static let zero = Bytes16(high: 0, low: 0)

    @usableFromInline let high: UInt64
    @usableFromInline let low: UInt64

    @inlinable
    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `nil` unless there are exactly 16 bytes.
    @inlinable
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var high: UInt64 = 0
        var low: UInt64 = 0
        var position = 0
        for byte in bytes {
            if position < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
            position += 1
        }
        self.init(high: high, low: low)
    }

    /// `nil` unless `hex` is exactly 32 digits, lower-case only.
    public init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex, byteCount: 16) else { return nil }
        self.init(bytes)
    }

    public static func random() -> Bytes16 {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            Randomness.fill(buffer)
            return Bytes16(
                high: buffer.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                low: buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
    }

    public var bytes: [UInt8] { withBytes { [UInt8]($0) } }
    public var hex: String { withBytes { Hex.encode($0) } }
    public var description: String { hex }

    @inlinable
    public func append(to output: inout [UInt8]) { withBytes { output.append(contentsOf: $0) } }

    /// Lends the 16 bytes for the length of the call.
    @inlinable
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    @inlinable
    public static func < (left: Bytes16, right: Bytes16) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}
