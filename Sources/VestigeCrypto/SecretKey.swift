import CSodium
import Glibc

/// 32 secret bytes in guarded, locked memory that is wiped when the value ends. It cannot be copied or printed.
///
/// One costs about 20 µs and 16 KiB (guard pages): for many keys there is ``KeySlab``.
public struct SecretKey: ~Copyable, @unchecked Sendable {
    // Sendable by hand: the memory is written only by the initialisers and owned by exactly one value.
    public static let byteCount = 32

    private let memory: UnsafeMutableRawPointer

    /// A fresh random key.
    public static func random() throws(CryptoError) -> SecretKey {
        try SecretKey { Randomness.fill($0) }
    }

    /// Copies 32 bytes; the source stays the caller's to wipe.
    public init(copying source: UnsafeRawBufferPointer) throws(CryptoError) {
        guard source.count == Self.byteCount else { throw .wrongLength(expected: Self.byteCount, actual: source.count) }
        try self.init { $0.copyMemory(from: source) }
    }

    /// Lets `fill` write the 32 bytes in place.
    public init(_ fill: (UnsafeMutableRawBufferPointer) throws(CryptoError) -> Void) throws(CryptoError) {
        guard Sodium.initialised else { throw .sodiumUnavailable }
        guard let memory = sodium_malloc(Self.byteCount) else { throw .memoryNotLocked(byteCount: Self.byteCount) }
        do {
            try fill(UnsafeMutableRawBufferPointer(start: memory, count: Self.byteCount))
        } catch {
            sodium_free(memory)
            throw error
        }
        _ = sodium_mprotect_readonly(memory)
        self.memory = memory
    }

    /// Decodes padded base64 straight into guarded memory.
    ///
    /// - Throws: ``CryptoError/wrongLength(expected:actual:)`` unless it is the canonical form of 32 bytes.
    public init(base64 text: UnsafeRawBufferPointer) throws(CryptoError) {
        try self.init { (memory) throws(CryptoError) in
            let count = Base64.decode(text, into: memory)
            guard count == Self.byteCount else { throw .wrongLength(expected: Self.byteCount, actual: count ?? 0) }
        }
    }

    deinit { sodium_free(memory) }  // libsodium wipes before it frees

    /// Lends the bytes for the length of the call; `body` must not keep them.
    public borrowing func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: Self.byteCount))
    }

    /// Lends the padded base64 form in a buffer that is wiped afterwards: for writing a key file.
    public borrowing func withBase64<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let capacity = sodium_base64_encoded_len(Self.byteCount, sodium_base64_VARIANT_ORIGINAL)
        return try withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 1) { output in
            defer { Memory.wipe(output) }
            _ = sodium_bin2base64(
                output.characters, capacity, memory.assumingMemoryBound(to: UInt8.self), Self.byteCount, sodium_base64_VARIANT_ORIGINAL)
            return try body(UnsafeRawBufferPointer(rebasing: output[..<(capacity - 1)]))
        }
    }
}

/// Wiping buffers that held a secret for a moment.
public enum Memory {
    /// Zeroes in a way that the optimiser cannot drop.
    public static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        if let start = buffer.baseAddress { sodium_memzero(start, buffer.count) }
    }

    /// Leaves these pages out of what `fork` copies: a child that touches them is ended by the system. A kernel that knows no such thing
    /// changes nothing.
    static func keepFromChildren(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = Int(bitPattern: memory) / page * page
        let end = (Int(bitPattern: memory) + byteCount + page - 1) / page * page
        madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_DONTFORK)
    }

    public static func wipe(_ bytes: inout [UInt8]) { bytes.withUnsafeMutableBytes { wipe($0) } }

    /// Equality that takes the same time wherever the first difference stands.
    public static func equalInConstantTime(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let a = left.baseAddress, let b = right.baseAddress else { return true }
        return sodium_memcmp(a, b, left.count) == 0
    }
}
