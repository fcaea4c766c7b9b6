/// A device. While it is assigned to somebody, a look at it is a look at that person too.
public struct Hardware: Sendable, Hashable, Identifiable, Codable {
    public let id: String
    public var serial: String
    public var model: String
    /// The id of the person who has it; nil when it lies in the store room.
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
