/// The kind of an act. The list is fixed; `Docs/PolicyReference.md` says what each one means.
///
/// There is no `listed`, `printed`, `downloaded` or `searched`: whatever discloses a person is `read`, `exported` or
/// `shared`, since those three are what the question "who viewed this record?" counts, and a fourth word would be a
/// way around it.
public enum Event: String, Sendable, Hashable, CaseIterable, Codable {
    // Looks
    case read
    case exported
    case shared

    // Changes
    case created
    case updated
    case deleted
    case archived
    case restored
    case imported
    case linked
    case unlinked

    // Accounts and rights
    case granted
    case revoked
    case roleChanged = "role_changed"
    case credentialChanged = "credential_changed"
    case locked
    case unlocked

    // Sign-in
    case signedIn = "signed_in"
    case signedOut = "signed_out"
    case signInFailed = "sign_in_failed"

    // Processes
    case requested
    case approved
    case declined
    case started
    case completed
    case failed
    case detected

    // Written by Vestige only
    case erased
    case adopted
    case rotated
    case pruned
    case redacted
    case held
    case released
    case verified
    case recovered

    /// Whether the act disclosed the record to somebody: what "who viewed this record?" counts.
    public var isLook: Bool {
        switch self {
        case .read, .exported, .shared: true
        default: false
        }
    }

    /// Whether the act changed a record or what somebody may do.
    public var isChange: Bool {
        switch self {
        case .created, .updated, .deleted, .archived, .restored, .imported, .linked, .unlinked: true
        case .granted, .revoked, .roleChanged, .credentialChanged, .locked, .unlocked: true
        default: false
        }
    }

    /// Whether only Vestige may write it. A policy that uses such an event in an action or a route is refused.
    public var isBuiltIn: Bool {
        switch self {
        case .erased, .adopted, .rotated, .pruned, .redacted, .held, .released, .verified, .recovered: true
        default: false
        }
    }
}
