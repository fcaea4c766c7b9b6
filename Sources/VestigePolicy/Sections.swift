/// Why a record is looked at (GDPR Art. 5(1)(b)).
public struct PurposeRule: Sendable, Equatable {
    public let title: String
    /// A term of the Data Privacy Vocabulary, `dpv:CustomerCare`.
    public let dpv: String?
    /// The id of the activity in the record of processing activities (Art. 30); goes into entries.
    public let activity: String?
}

/// To whom data is exported or shared; reports name them (CJEU C-154/21).
public struct RecipientRule: Sendable, Equatable {
    public let title: String
    /// ISO 3166-1 alpha-2.
    public let country: String?
}

/// Who acts.
public struct ActorRules: Sendable, Equatable {
    public enum Display: String, Sendable, CaseIterable { case name, pseudonym }

    /// Types of actor that are staff: `erasure.actors` is about them.
    public let staff: [String]
    /// Roles that an entry may name.
    public let roles: [String]
    /// How answers show an actor until a case opens the name.
    public let show: Display
}

/// An act with a name of its own.
public struct ActionRule: Sendable, Equatable {
    public let channel: String
    public let event: Event
    public let details: Declarations<DetailKind>
}

/// A period and the reason for it (GDPR Art. 5(1)(e)).
public struct Window: Sendable, Equatable {
    public let keep: PolicyDuration
    public let because: String?

    package init(keep: PolicyDuration, because: String? = nil) {
        self.keep = keep
        self.because = because
    }
}

/// How long bodies of entries stay, counted from when they were recorded.
public struct RetentionRules: Sendable, Equatable {
    /// Nothing younger can go, whatever a policy says: an entry must outlive the discovery of what it is evidence of.
    public static let floor = PolicyDuration(days: 30)

    public let standard: Window
    /// Channels with a window of their own.
    public let channels: Declarations<Window>
    /// No window may be longer.
    public let ceiling: PolicyDuration?
    /// When the nightly run begins, in the policy's time zone.
    public let pruneAt: TimeOfDay
    /// How long the files stay into which bodies are written before they go; `nil`: nothing is kept of them.
    public let archive: Window?
}

/// A time of day, 24-hour clock.
public struct TimeOfDay: Sendable, Hashable, CustomStringConvertible {
    public let hour: Int
    public let minute: Int

    package init(hour: Int, minute: Int) {
        self.hour = hour
        self.minute = minute
    }

    /// Reads `HH:MM`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard text.utf8.count == 5, parts.count == 2, let hour = UInt8(parts[0]), let minute = UInt8(parts[1]), hour < 24, minute < 60,
            text.utf8.allSatisfy({ $0 == 58 || (48...57).contains($0) })
        else { return nil }
        self.init(hour: Int(hour), minute: Int(minute))
    }

    public var description: String { (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)" }
}

/// How erasure goes.
public struct ErasureRules: Sendable, Equatable {
    /// How long the acting key of erased staff stays (Art. 17(3)); nil: it is destroyed at once.
    public let actors: Window?
    /// How long an erased id is still recognised, so that late entries mint no new key.
    public let fence: PolicyDuration
    /// How many people must approve a case, 1…10.
    public let approvals: Int
}

/// How long backups are kept: what a certificate says about keys that are destroyed here and still stand in a backup.
public struct BackupRules: Sendable, Equatable {
    public let vault: PolicyDuration
    public let keyring: PolicyDuration
}

/// What a role may do with the trail.
public enum Right: String, Sendable, Hashable, CaseIterable {
    /// Ask the trail; actors and subjects stay pseudonyms.
    case query
    /// See who acted.
    case openActors = "open-actors"
    /// See what is sealed about subjects.
    case openSubjects = "open-subjects"
    /// Turn a pseudonym into a person.
    case resolve
    /// Take entries out.
    case export
    /// Check the trail and get proofs.
    case verify
    /// Work on cases: erasure, access, restriction, holds.
    case rights
    /// Send entries.
    case record
}

/// Who may ask, and from where.
public struct AccessRules: Sendable, Equatable {
    /// The rights that roles of this policy may have.
    public let rights: [Right]
    public let roles: Declarations<Set<Right>>
    /// Where the service answers.
    public let allowedAddresses: [AddressRange]
    /// Whose tokens are believed beside the service's own.
    public let oidc: IssuerRule?
}

/// An identity provider (OpenID Connect), and which of its people have which role.
public struct IssuerRule: Sendable, Equatable {
    public struct RoleRule: Sendable, Equatable {
        /// One of the values of the claim.
        public let value: String
        /// A role of `access.roles`.
        public let role: String
    }

    /// The claim `iss` of its tokens, an https URL.
    public let issuer: String
    /// The claim `aud` of tokens that are for this service.
    public let audience: String
    /// Where its public keys are (a JWK set); nil: whoever runs the service says it.
    public let keys: String?
    /// The claim that says what somebody is, `groups`, or `realm_access.roles` for a member of a member.
    public let claim: String
    /// The claim that is somebody's id as an actor.
    public let holder: String
    /// The first that fits counts.
    public let roles: [RoleRule]
}
