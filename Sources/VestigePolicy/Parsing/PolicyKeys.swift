/// The keys of one kind of mapping in a policy file.
struct KeySection: Sendable, Equatable {
    /// Where such a mapping stands: `*` for a declared code, `[]` for an item of a list, "" for the whole file.
    let path: String
    let required: [String]
    let optional: [String]

    var keys: [String] { required + optional }

    init(_ path: String, required: [String] = [], optional: [String] = []) {
        self.path = path
        self.required = required
        self.optional = optional
    }
}

/// Every key that a policy may have. The parser reads by this list, `Policies/schema.json` and
/// `Docs/PolicyReference.md` are compared with it by tests.
enum PolicyKeys {
    static let file = KeySection(
        "", required: ["vestige", "channels", "records"],
        optional: [
            "time_zone", "purposes", "recipients", "actors", "actions", "routes", "proxies", "retention", "erasure", "backups", "cases",
            "access", "sinks",
        ])
    static let purpose = KeySection("purposes.*", required: ["title"], optional: ["dpv", "activity"])
    static let recipient = KeySection("recipients.*", required: ["title"], optional: ["country"])
    static let actors = KeySection("actors", optional: ["staff", "roles", "show"])
    static let action = KeySection("actions.*", required: ["channel", "event"], optional: ["details"])
    static let record = KeySection("records.*", required: ["subject", "channels", "fields"], optional: ["id", "reads", "details"])
    static let recordSubject = KeySection("records.*.subject", required: ["type", "from"])
    static let recordChannels = KeySection("records.*.channels", required: ["look", "change"])
    static let field = KeySection("records.*.fields.*", required: ["personal"], optional: ["searchable", "normalise"])
    static let reads = KeySection("records.*.reads", optional: ["log", "purpose", "on_failure"])
    static let route = KeySection("routes[]", required: ["match"], optional: ["record", "event", "fields", "subject", "list", "unlogged"])
    static let retention = KeySection("retention", optional: ["default", "channels", "ceiling", "prune_at", "archive"])
    static let retentionDefault = KeySection("retention.default", required: ["keep"], optional: ["because"])
    static let retentionChannel = KeySection("retention.channels.*", required: ["keep"], optional: ["because"])
    static let retentionArchive = KeySection("retention.archive", required: ["keep"], optional: ["because"])
    static let erasure = KeySection("erasure", optional: ["actors", "fence", "approvals"])
    static let erasureActors = KeySection("erasure.actors", required: ["after"], optional: ["because"])
    static let backups = KeySection("backups", optional: ["vault", "keyring"])
    static let cases = KeySection("cases", required: ["keep"], optional: ["because"])
    static let access = KeySection("access", optional: ["rights", "roles", "allowed_addresses", "oidc"])
    static let issuer = KeySection("access.oidc", required: ["issuer", "audience", "claim", "roles"], optional: ["keys", "holder"])
    static let issuerRole = KeySection("access.oidc.roles[]", required: ["value", "role"])

    static let sink = KeySection("sinks.*", required: ["to"], optional: ["format", "enterprise", "channels", "actor"])
    static let sinkActor = KeySection("sinks.*.actor", required: ["fields", "because"])

    static let sections = [
        file, purpose, recipient, actors, action, record, recordSubject, recordChannels, field, reads, route, retention, retentionDefault,
        retentionChannel, retentionArchive, erasure, erasureActors, backups, cases, access, issuer, issuerRole, sink, sinkActor,
    ]
}
