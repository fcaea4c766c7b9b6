public import VestigeCrypto

/// What is personal, what is recorded, for how long it stays and who may ask: one file that a data protection officer
/// can read and sign. `Docs/PolicyReference.md` describes every key.
///
/// A value of this type comes only from ``parse(_:file:)``, so it is always whole and without dangling references.
public struct Policy: Sendable, Equatable {
    /// 48 KiB. The full text becomes one entry when a policy is adopted, and an entry holds 60 KiB.
    public static let byteCountMax = 48 * 1024

    /// The exact text that was parsed.
    public let text: String
    /// SHA-256 of the exact bytes; every entry carries it.
    public let digest: Bytes32

    /// An identifier of the time zone database; the nightly run and the reports' dates follow it.
    public let timeZone: String
    /// As declared; `compliance` is built in and not among them.
    public let channels: [String]
    public let purposes: Declarations<PurposeRule>
    public let recipients: Declarations<RecipientRule>
    public let actors: ActorRules
    /// By the action's full name.
    public let actions: Declarations<ActionRule>
    /// By the record's type.
    public let records: Declarations<RecordRule>
    /// In the order of the file.
    public let routes: [RouteRule]
    /// The reverse proxies whose `X-Forwarded-For` is believed.
    public let proxies: [AddressRange]
    public let retention: RetentionRules
    public let erasure: ErasureRules
    public let backups: BackupRules
    /// How long a closed case stays.
    public let cases: Window
    public let access: AccessRules
    /// Where entries are streamed to.
    public let sinks: Declarations<SinkRule>
    /// What is allowed but should be looked at, such as a window under 180 days.
    public let warnings: [PolicyProblem]

    /// Equal bytes say equal things, whatever the file was called.
    public static func == (left: Policy, right: Policy) -> Bool { left.digest == right.digest }

    /// Place in `routes`, by method and normalised template; made once since every request asks.
    let routeIndex: [String: Int]
}
