import CSodium

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starting libsodium.
public enum Sodium {
    /// Starts libsodium and proves that memory can be locked. Costs nothing after the first call.
    ///
    /// - Throws: ``CryptoError/sodiumUnavailable`` or ``CryptoError/memoryNotLocked(byteCount:)``.
    public static func start() throws(CryptoError) {
        guard initialised else { throw .sodiumUnavailable }
        guard memoryLocks else { throw .memoryNotLocked(byteCount: probeByteCount) }
    }

    /// `sodium_init` picks the fast implementations and prepares guarded memory; every use of either reads this first.
    static let initialised = sodium_init() >= 0

    private static let probeByteCount = 4096

    /// `sodium_malloc` ignores a refused `mlock`, so one page is locked by hand to see the answer.
    private static let memoryLocks: Bool = {
        guard initialised else { return false }
        var page: UnsafeMutableRawPointer?
        guard posix_memalign(&page, probeByteCount, probeByteCount) == 0, let page else { return false }
        defer { free(page) }
        guard sodium_mlock(page, probeByteCount) == 0 else { return false }
        return sodium_munlock(page, probeByteCount) == 0
    }()
}
