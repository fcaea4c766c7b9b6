/// Somebody as the generator makes them up: plain values, which stand in no file. The directory's own record is ``Person``.
public struct MadeUpPerson: Sendable, Hashable, Identifiable {
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
