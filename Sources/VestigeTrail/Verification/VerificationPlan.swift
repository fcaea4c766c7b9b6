/// What a verification looks at, and how.
public struct VerificationPlan: Sendable {
    /// Signed checkpoints that somebody else kept, which the trail must lead to as well.
    public var others: [String]
    /// The same from another part of this installation, such as the vault: met, and not told of where they are.
    public var remembered: [String] = []
    /// Threads that hash and compare. The findings are the same, and in the same order, for any number.
    public var threads: Int
    /// A signed checkpoint up to which everything was found intact before. Entries below it are not looked at again, and neither are the
    /// index by term and stray rows: whoever can choose this note can make a verification pass over what they changed.
    public var since: String?
    /// Told now and then how far it is, on one thread at a time.
    public var progress: (@Sendable (VerificationProgress) -> Void)?

    /// Entries that a thread examines in one go; a multiple of a tile.
    var partCount: UInt64 = 2048
    /// From so many entries on the index by term is read in several stretches at once.
    var splitTermCount: UInt64 = 50_000

    public init(
        others: [String] = [], threads: Int = 1, since: String? = nil, progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) {
        self.others = others
        self.threads = threads
        self.since = since
        self.progress = progress
    }
}

public enum VerificationProgress: Sendable, Equatable {
    case entries(done: UInt64, of: UInt64)
    /// All entries are done; the index by term is held against them.
    case index
}
