/// One request of the demo, and what must come of it.
public struct PlannedRequest: Sendable, Hashable {
    /// From 0, in the order of the plan.
    public let number: Int
    /// The person who is signed in; nil when nobody is.
    public let actorID: String?
    /// `GET` or `POST`.
    public let method: String
    /// With its query.
    public let path: String
    /// What is sent, for a POST.
    public let form: [FormField]
    /// For the header `X-Purpose`; nil leaves it out.
    public let purpose: String?
    /// For `X-Forwarded-For`: the address from which this actor works.
    public let address: String
    public let userAgent: String
    public let expectedStatus: Int
    /// What the trail must hold afterwards; empty where the request opens no record.
    public let entries: [ExpectedEntry]

    /// Of an export: the people whose lines are in the file.
    public var exportedCount: Int? {
        guard entries.contains(where: { $0.event == "exported" && $0.isSuccess }) else { return nil }
        return entries.reduce(0) { $0 + $1.subjects.count }
    }
}

public struct FormField: Sendable, Hashable {
    public let name: String
    public let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
