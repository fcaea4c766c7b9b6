/// Somebody in the directory. Everything here but `role` and `department` is personal.
public struct Person: Sendable, Hashable, Identifiable {
    /// `"1"`, `"2"`, …: the id that the trail's record `user/<id>` bears too.
    public let id: String
    public var name: String
    public var email: String
    public var phone: String
    /// `YYYY-MM-DD`
    public var birthday: String
    /// Euros a year.
    public var salary: Int
    public var role: Role
    public var department: String

    public init(
        id: String, name: String, email: String, phone: String, birthday: String, salary: Int, role: Role, department: String
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
        self.birthday = birthday
        self.salary = salary
        self.role = role
        self.department = department
    }
}

/// What somebody may open: a member their own page, the others everybody's.
public enum Role: String, Sendable, Hashable, CaseIterable {
    case member, agent, manager, admin

    public var opensEverything: Bool { self != .member }
}

/// A device. While it is assigned to somebody, a look at it is a look at that person too.
public struct Hardware: Sendable, Hashable, Identifiable {
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
}
