/// Somebody in the directory. Everything here but `role` and `department` is personal.
public struct Person: Sendable, Hashable, Identifiable, Codable {
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

/// What somebody may do: members open their own page, agents open and change everybody's, managers take people out, move them and export
/// them, and only an admin says who is what.
public enum Role: String, Sendable, Hashable, CaseIterable, Codable {
    case member, agent, manager, admin

    public var opensEverything: Bool { self != .member }
    public var managesPeople: Bool { self == .manager || self == .admin }
    public var grantsRoles: Bool { self == .admin }
}
