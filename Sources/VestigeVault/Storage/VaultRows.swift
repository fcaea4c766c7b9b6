public import VestigeCrypto

/// Lifecycle of a key. It only goes forward.
public enum KeyState: UInt8, Sendable, Comparable {
    case active = 1
    /// An erasure is under way; no key is handed out.
    case erasing = 2
    case erased = 3

    public static func < (left: KeyState, right: KeyState) -> Bool { left.rawValue < right.rawValue }
}

/// One person's key in one role. An erased one keeps pseudonym, role and state, and nothing else.
public struct KeyRow: Sendable, Equatable {
    public var pseudonym: Pseudonym
    public var role: KeyRole
    public var state: KeyState
    /// `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext 48`: 77 bytes; `nil` once destroyed.
    public var wrappedKey: [UInt8]?
    /// Type, id and locator, sealed under this very key (`0x03 ‖ nonce 24 ‖ commitment 32 ‖ ciphertext`); `nil` once destroyed.
    public var identity: [UInt8]?
    /// A legal hold: no erasure begins.
    public var held: Bool
    /// Days since 1970 on which this key is to be destroyed.
    public var dueDay: Int?

    public init(
        pseudonym: Pseudonym, role: KeyRole, state: KeyState = .active, wrappedKey: [UInt8]?, identity: [UInt8]?, held: Bool = false,
        dueDay: Int? = nil
    ) {
        self.pseudonym = pseudonym
        self.role = role
        self.state = state
        self.wrappedKey = wrappedKey
        self.identity = identity
        self.held = held
        self.dueDay = dueDay
    }

    /// The id of the KEK that wraps the key; for a store that keeps it in a column or compares it with the least one.
    public var kek: UInt32? { wrappedKey.flatMap(WrappedBytes.kek) }
}

/// Names a directory row: the keyed hash of a type and an id, in one role.
public struct DirectoryKey: Hashable, Sendable, Comparable {
    public let lookup: Bytes32
    public let role: KeyRole

    public init(lookup: Bytes32, role: KeyRole) {
        self.lookup = lookup
        self.role = role
    }

    public static func < (left: DirectoryKey, right: DirectoryKey) -> Bool {
        left.lookup != right.lookup ? left.lookup < right.lookup : left.role < right.role
    }
}

/// Leads from a person's lookup to their pseudonym, for whoever has the KEK.
public struct DirectoryRow: Sendable, Equatable {
    public var key: DirectoryKey
    /// Random, one for each (person, role); all zero for a record handle that belongs to nobody yet. Erasing finds rows by it.
    public var locator: Bytes16
    /// `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext 32`: 61 bytes.
    public var sealedPseudonym: [UInt8]

    public init(key: DirectoryKey, locator: Bytes16, sealedPseudonym: [UInt8]) {
        self.key = key
        self.locator = locator
        self.sealedPseudonym = sealedPseudonym
    }

    /// The id of the KEK that seals the pseudonym.
    public var kek: UInt32? { WrappedBytes.kek(sealedPseudonym) }
}

/// What the directory holds for one key.
public enum DirectoryAnswer: Sendable, Equatable {
    case row(DirectoryRow)
    /// Erased; `until` is the last day of the fence, in days since 1970. The asker decides whether it has expired.
    case fenced(until: Int)
    case nothing
}

/// A person to be written: a directory row and, but for record handles, a key row.
public struct MintedKey: Sendable, Equatable {
    public var directory: DirectoryRow
    public var key: KeyRow?

    public init(directory: DirectoryRow, key: KeyRow?) {
        self.directory = directory
        self.key = key
    }
}

/// What became of one minted key.
public enum MintOutcome: Sendable, Equatable {
    case minted
    /// Somebody else minted first; theirs counts and nothing of ours was written.
    case exists(DirectoryRow)
    /// The lookup is fenced; nothing was written.
    case fenced
}

/// A key that an erasure destroys.
public struct ErasedKey: Hashable, Sendable {
    public let role: KeyRole
    public let pseudonym: Pseudonym

    public init(role: KeyRole, pseudonym: Pseudonym) {
        self.role = role
        self.pseudonym = pseudonym
    }
}

/// An erasure under way; the row goes when it is finished.
public struct ErasureRow: Sendable, Equatable {
    public enum Step: UInt8, Sendable {
        /// Keys are marked, and still there.
        case begun = 1
        /// Keys are gone.
        case destroyed = 2
    }

    public var erasure: Bytes16
    /// Ids of the two entries, fixed at the start so that a restart cannot write them twice.
    public var started: Bytes16
    public var completed: Bytes16
    public var step: Step
    /// Sorted by pseudonym, never empty.
    public var keys: [ErasedKey]

    public init(erasure: Bytes16, started: Bytes16, completed: Bytes16, step: Step = .begun, keys: [ErasedKey]) {
        self.erasure = erasure
        self.started = started
        self.completed = completed
        self.step = step
        self.keys = keys.sorted { $0.pseudonym < $1.pseudonym }
    }
}

/// What holds from the first step of an erasure on, beside the mark on its keys: a crash after it loses nothing of it.
public struct ErasureTerms: Sendable, Equatable {
    /// Names in the roles that were asked for and have no key: they are fenced, so that nobody is made known by them. At most one for each role.
    public var fenced: [DirectoryKey] = []
    /// The last day of those fences, in days since 1970; 0: none is put up.
    public var fenceUntil = 0
    /// A key that stays until a day: its due day is set, unless it is not active or has an earlier one.
    public var due: DueKey?

    public init(fenced: [DirectoryKey] = [], fenceUntil: Int = 0, due: DueKey? = nil) {
        self.fenced = fenced
        self.fenceUntil = fenceUntil
        self.due = due
    }
}

/// What became of the first step of an erasure.
public enum BeginOutcome: Sendable, Equatable {
    case begun
    /// A key was destroyed, or made, since it was asked for; nothing was written: read again.
    case changed
    /// One of the keys, or this erasure id, is in an erasure under way; nothing but the terms was written.
    case underWay(ErasureRow)
    /// One of the keys is held; nothing was written.
    case held
}

/// How far the vault has seen a trail. It only grows.
public struct Watermark: Sendable, Equatable {
    public var trail: Bytes16
    /// The newest signed checkpoint, as text; empty before the first.
    public var checkpoint: String
    /// Entries in that checkpoint.
    public var size: UInt64
    /// Every entry with a lower seq had its erasures replayed.
    public var replayedThrough: UInt64

    public init(trail: Bytes16, checkpoint: String = "", size: UInt64 = 0, replayedThrough: UInt64 = 0) {
        self.trail = trail
        self.checkpoint = checkpoint
        self.size = size
        self.replayedThrough = replayedThrough
    }
}

/// The vault's one row about itself.
public struct VaultMeta: Sendable, Equatable {
    public var vault: Bytes16
    /// `0x01 ‖ kek id u32 ‖ nonce 24 ‖ ciphertext 48`.
    public var wrappedLookupKey: [UInt8]
    public var currentKEK: UInt32
    /// No row is, or may be, wrapped under a lower one.
    public var leastKEK: UInt32
    /// Counts destructions of keys, KEKs too.
    public var epoch: UInt64
    public var watermark: Watermark

    public init(vault: Bytes16, wrappedLookupKey: [UInt8], currentKEK: UInt32, leastKEK: UInt32, epoch: UInt64 = 0, watermark: Watermark) {
        self.vault = vault
        self.wrappedLookupKey = wrappedLookupKey
        self.currentKEK = currentKEK
        self.leastKEK = leastKEK
        self.epoch = epoch
        self.watermark = watermark
    }
}

public struct VaultCounts: Sendable, Equatable {
    /// Keys of role subject whose state is active.
    public var subjects: Int
    /// Keys of role subject whose state is erasing or erased.
    public var erased: Int

    public init(subjects: Int, erased: Int) {
        self.subjects = subjects
        self.erased = erased
    }
}
