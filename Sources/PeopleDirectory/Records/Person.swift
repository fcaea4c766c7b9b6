public import VestigeCore

/// Somebody in the directory. What the policy calls personal is sealed in the table under this person's key; see ``visitSealed(_:)``.
public struct Person: Sendable, Equatable, Identifiable, Codable {
    /// `"1"`, `"2"`, …: the directory's own number, which the trail's record `user/<id>` bears too. It says nothing of anybody.
    public let id: String
    public var name: Sealed<String>
    public var email: Sealed<String>
    public var phone: Sealed<String>
    /// `YYYY-MM-DD`
    public var birthday: Sealed<String>
    /// Euros a year.
    public var salary: Sealed<Int>
    public var role: Role
    public var department: String

    public init(_ person: MadeUpPerson) {
        id = person.id
        name = Sealed(person.name)
        email = Sealed(person.email)
        phone = Sealed(person.phone)
        birthday = Sealed(person.birthday)
        salary = Sealed(person.salary)
        role = person.role
        department = person.department
    }

    /// Their key is gone, and with it all that was sealed under it. The row stays, with nothing in it that anybody can read.
    public var isErased: Bool { name.isErased }

    public mutating func visitSealed(_ columns: inout SealedColumns) throws {
        try columns(&name, "name")
        try columns(&email, "email")
        try columns(&phone, "phone")
        try columns(&birthday, "birthday")
        try columns(&salary, "salary")
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
