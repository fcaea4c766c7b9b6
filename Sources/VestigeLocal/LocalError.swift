/// Why a data directory was not made or not opened. Nothing in it was changed.
public enum LocalError: Error, Sendable, Equatable {
    case missing(String)
    case missingTrail(String)
    case alreadyThere(String)
    case unusable(String)
    case noPolicy
    /// Another policy than the adopted one was given.
    case otherPolicy(given: String, adopted: String)
    case damagedPolicy
    case otherVault
    case olderTrail(size: UInt64, seen: UInt64)
    /// The page by which processes tell each other of erasures cannot be used; the text says why and what to do.
    case epochPage(String)
}

extension LocalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path): "there is no data directory at \(path); run `vestige init --policy FILE`, or give --data"
        case .missingTrail(let path):
            "\(path) holds no trail.sqlite; nothing is recorded without one. Restore it, or run `vestige init` on an empty directory"
        case .alreadyThere(let path): "\(path) is not empty; nothing was written, give another --data"
        case .unusable(let what), .epochPage(let what): what
        case .noPolicy: "the trail has no adopted policy: its first entry is missing; run `vestige verify`"
        case .otherPolicy(let given, let adopted):
            "the policy given (\(given.prefix(12))…) is not the adopted one (\(adopted.prefix(12))…); adopt it first with `vestige policy adopt FILE`"
        case .damagedPolicy: "the adopted policy's entry is not what was recorded; run `vestige verify`"
        case .otherVault: "vault and trail do not belong together; put back the pair that was made together"
        case .olderTrail(let size, let seen):
            "the trail has \(size) entries, the vault has seen \(seen): an older copy was put back, erasures could be missing. Put back the newest copy, or see `vestige recover`"
        }
    }
}
