import Glibc

/// One run of retention at a time, among all processes on a data directory. The system lets go of it when a process dies.
final class RetentionLock: Sendable {
    private let descriptor: Int32

    /// - Returns: `nil` if another run is under way, in whatever process.
    /// - Throws: ``LocalError/unusable(_:)``
    init?(directory: String) throws(LocalError) {
        descriptor = open(directory + "/retention.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw .unusable(
                "opening retention.lock failed (errno \(errno)); nothing was pruned, see that the data directory may be written")
        }
        guard LockedFile.lock(descriptor) else {
            close(descriptor)
            return nil
        }
    }

    deinit { LockedFile.release(descriptor) }
}
