import CSodium

/// The operating system's random bytes, through libsodium.
public enum Randomness {
    public static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialised in
            fill(UnsafeMutableRawBufferPointer(buffer))
            initialised = count
        }
    }

    public static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress, buffer.count > 0 else { return }
        precondition(Sodium.initialised, "libsodium did not start")
        randombytes_buf(start, buffer.count)
    }
}
