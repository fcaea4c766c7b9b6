public import VestigeCrypto
public import VestigeTrail
public import VestigeVault

/// What a certificate of an erasure states. Its exact bytes are the certificate's body, and `erasure.completed` holds their SHA-256.
///
/// It names the erasure and its case: neither the person's id nor a pseudonym of theirs.
public struct CertificateFacts: Sendable, Equatable {
    /// The trail in which the erasure stands: its checkpoints' name.
    public var origin: String
    public var erasure: Bytes16
    /// `nil` where the erasure was interrupted before the case was written down, or began before there were certificates.
    public var caseReference: String?
    /// Types of actor (`user`, `system`); who it was stands sealed in the entry.
    public var askedBy: String?
    public var finishedBy: String
    /// It was interrupted, and finished later with the ids that it had.
    public var isResumed: Bool
    /// Digest of the policy in force.
    public var policy: Bytes32
    public var keys: [Key]
    /// The day up to which the policy had kept the acting key that was destroyed now (days since 1970).
    public var dueDay: Int?
    public var askedAt: Timestamp?
    public var started: Start
    /// The keys were gone from the vault; `nil` where an interruption lost the moment, which then lies between the two beside it.
    public var destroyedAt: Timestamp?
    /// Every process that had the vault open had forgotten them.
    public var forgottenAt: Timestamp
    /// Every way to the keys was tried and led nowhere. The last moment that the body speaks of.
    public var probedAt: Timestamp
    /// The id of the entry `erasure.completed`, which holds the hash.
    public var completed: EntryID
    /// What stays in the trail: how many entries bear the pseudonym of each role.
    public var entries: [Count]
    public var retained: [Retained]
    public var backups: Backups

    /// A key that was destroyed.
    public struct Key: Sendable, Equatable {
        /// Of every key, wrapped or not.
        public static let algorithm = "XChaCha20-Poly1305, 256 bit"
        public var role: KeyRole
        /// The key-encryption key that it was wrapped under when the erasure began; `nil` where that is not known.
        public var kek: UInt32?
    }

    /// The entry `erasure.started`.
    public struct Start: Sendable, Equatable {
        public var id: EntryID
        public var seq: UInt64
        public var at: Timestamp
    }

    /// Entries that bear one pseudonym, `erasure.started` among them and `erasure.completed` not.
    public struct Count: Sendable, Equatable {
        public var role: KeyRole
        public var total: Int
        /// Counting ended here: there are at least so many, and these are the newest.
        public var isMore = false
        /// Ascending by the channel's bytes.
        public var channels: [ChannelCount]
    }

    public struct ChannelCount: Sendable, Equatable {
        public var channel: String
        public var count: Int
    }

    /// Something that stays, with its ground, and how long.
    public struct Retained: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// Entries of one channel: acts, times and a pseudonym that leads to nobody.
            case entries
            /// Entries about erasures, keys and policies, which are kept as long as the trail.
            case record
            /// The acting key of staff, which waits for its day.
            case actingKey = "acting_key"
            /// The keyed hash of the erased ids.
            case fence
            /// Case reference and this certificate.
            case caseFile = "case_file"
        }

        public var kind: Kind
        public var role: KeyRole?
        public var channel: String?
        public var count: Int?
        /// How long the policy keeps each, from when it was recorded.
        public var days: Int?
        /// The last day, in days since 1970: for entries, the day on which the newest of them has been kept for `days`.
        public var until: Int?
        public var because: String?
    }

    /// Until when a backup from before could still be opened, by the policy's `backups` (days since 1970).
    public struct Backups: Sendable, Equatable {
        public var vaultDays: Int
        /// After it no backup of the vault from before the destruction is kept.
        public var vaultUntil: Int
        public var keyringDays: Int
        /// After it no copy of the keyring from before the destruction is kept. Newer copies hold the same key until a rotation.
        public var keyringUntil: Int
    }

    public var roles: [KeyRole] { keys.map(\.role).sorted() }
    public var fenceUntil: Int? { retained.first { $0.kind == .fence }?.until }
    public var deferral: Retained? { retained.first { $0.kind == .actingKey } }

    /// What was destroyed with a key: nothing of it stays in the vault's file.
    public var destroyed: [String] {
        ["key", "identity", "directory", "links"] + (roles.contains(.subject) ? ["blind_index", "record_handles"] : [])
    }

    /// How to check it; the last member of the body.
    public var check: String {
        "vestige certificate verify FILE --key VKEY, with the verifier key of \(origin) from another source than this file"
    }

    /// The moments in the order in which they must lie.
    var moments: [(name: String, at: Timestamp)] {
        [
            ("asked_at", askedAt), ("started_at", started.at), ("destroyed_at", destroyedAt), ("forgotten_at", forgottenAt),
            ("probed_at", probedAt),
        ]
        .compactMap { name, at in at.map { (name, $0) } }
    }
}

extension KeyRole {
    /// The word for it in headers, certificates and answers.
    package var code: String {
        switch self {
        case .subject: "subject"
        case .acting: "acting"
        case .visitor: "visitor"
        case .caseFile: "case"
        case .recordHandle: "record_handle"
        }
    }

    init?(code: String) {
        guard let role = KeyRole.allCases.first(where: { $0.code == code }) else { return nil }
        self = role
    }
}

/// Days since 1970 as `YYYY-MM-DD`, and back.
enum DayText {
    static func write(_ day: Int) -> String {
        String(Timestamp(microseconds: 0).adding(days: Int64(day)).description.prefix(10))
    }

    static func read(_ text: String) -> Int? {
        guard let midnight = Timestamp(text + "T00:00:00.000000Z") else { return nil }
        return Int(midnight.day)
    }
}
