/// A device. While it is assigned to somebody, a look at it is a look at that person too.
public struct Hardware: Sendable, Hashable, Identifiable, Codable {
    public let id: String
    public var serial: String
    public var model: String
    /// The id of the person who has it, which is their row's number and nothing else; nil when it lies in the store room. Who they are stands sealed in
    /// that row, so the reference may stay when they are erased. A pseudonym of the trail never stands here: it would lead from the row to the acts.
    public var assignedTo: String?

    public init(id: String, serial: String, model: String, assignedTo: String?) {
        self.id = id
        self.serial = serial
        self.model = model
        self.assignedTo = assignedTo
    }

    private enum CodingKeys: String, CodingKey {
        case id, serial, model
        case assignedTo = "assigned_to"
    }
}
