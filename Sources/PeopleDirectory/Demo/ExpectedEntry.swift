/// What the trail must say of one act.
public struct ExpectedEntry: Sendable, Hashable {
    public let event: String
    /// nil: `anonymous`.
    public let actorID: String?
    public let recordType: String
    /// nil: many records at once.
    public let recordID: String?
    /// Ids of the people (`user`) who are in the entry, sorted. A person is in a refused look only if the vault knew them before, so the plan
    /// refuses looks only at people whom an earlier phase has made known, or at nobody.
    public let subjects: [String]
    /// `success` or `failure`.
    public let isSuccess: Bool
    public let purpose: String?
    /// nil: not in a request.
    public let page: String?
    /// Before and after; empty for a look.
    public let changes: Set<ExpectedChange>

    public init(
        _ event: String, by actorID: String?, _ recordType: String, _ recordID: String?, subjects: [String], isSuccess: Bool = true,
        purpose: String?, page: String?, changes: Set<ExpectedChange> = []
    ) {
        self.event = event
        self.actorID = actorID
        self.recordType = recordType
        self.recordID = recordID
        self.subjects = subjects.sorted()
        self.isSuccess = isSuccess
        self.purpose = purpose
        self.page = page
        self.changes = changes
    }

    public var isLook: Bool { event == "read" || event == "exported" }

    /// An act on one's own record: the trail says `actor: {self: true}`.
    public var isOwn: Bool { recordID != nil && actorID.map { subjects == [$0] } ?? false }

    public var status: String { isSuccess ? "success" : "failure" }
}

/// One field of one person, before and after.
public struct ExpectedChange: Sendable, Hashable {
    /// In whose slot it is sealed; nil where it stands in clear, since the policy says that the field is not personal.
    public let subject: String?
    public let field: String
    /// nil: nothing, or another person's.
    public let before: String?
    public let after: String?

    public init(of subject: String?, _ field: String, from before: String?, to after: String?) {
        self.subject = subject
        self.field = field
        self.before = before
        self.after = after
    }
}
