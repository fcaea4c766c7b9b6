/// What can go wrong below every other module. No message holds a key, a plaintext or an id.
public enum CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `sodium_init` failed.
    case sodiumUnavailable
    /// `mlock` of `byteCount` bytes was refused, so a key could reach the swap file.
    case memoryNotLocked(byteCount: Int)
    /// An input has the wrong length: a programming mistake or bytes that are not of this format.
    case wrongLength(expected: Int, actual: Int)
    /// The bytes were not sealed under this key for this place, or were changed since.
    case notAuthentic
    /// Every slot of a ``KeySlab`` is in use.
    case slabFull(capacity: Int)

    public var description: String {
        switch self {
        case .sodiumUnavailable:
            "libsodium did not start; nothing was done, reinstall libsodium (1.0.18 or newer)"
        case .memoryNotLocked(let count):
            "cannot lock \(count) bytes of memory, so keys could reach swap; nothing was opened, raise the limit (ulimit -l, LimitMEMLOCK=)"
        case .wrongLength(let expected, let actual):
            "expected \(expected) bytes, found \(actual); nothing was done, check where the bytes come from"
        case .notAuthentic:
            "the bytes do not open under this key at this place; nothing was decrypted, they were damaged, moved or sealed under another key"
        case .slabFull(let capacity):
            "all \(capacity) places for keys in locked memory are in use; no key was loaded, wipe some and try again"
        }
    }
}
