/// One request of the demo, and what must come of it.
public struct PlannedRequest: Sendable, Hashable {
    /// From 0, in the order of the plan.
    public let number: Int
    /// The person who is signed in; nil when nobody is.
    public let actorID: String?
    public let path: String
    /// For the header `X-Purpose`; nil leaves it out.
    public let purpose: String?
    /// For `X-Forwarded-For`: the address from which this actor works.
    public let address: String
    public let userAgent: String
    public let expectedStatus: Int
    /// What the trail must hold afterwards; nil where the request opens no record.
    public let expectedEntry: ExpectedEntry?
}

/// What the trail must say of one look.
public struct ExpectedEntry: Sendable, Hashable {
    /// nil: `anonymous`.
    public let actorID: String?
    public let recordType: String
    public let recordID: String
    /// Ids of the people (`user`) who are in the entry. A person is in a refused look only if the vault knew them before, so the plan
    /// refuses looks only at people whose page has been opened in an earlier phase, or at nobody.
    public let subjects: [String]
    /// `success` or `failure`; the event is `read`.
    public let isSuccess: Bool
    public let purpose: String?
    public let page: String

    /// A look at one's own record: the trail says `actor: {self: true}`.
    public var isOwn: Bool { actorID.map { subjects == [$0] } ?? false }

    public var status: String { isSuccess ? "success" : "failure" }
    public var event: String { "read" }
}
