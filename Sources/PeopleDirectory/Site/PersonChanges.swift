import GRDB
import Hummingbird
import VestigeCore
import VestigeGRDB
import VestigeVault

/// What changes one person. Every change is made through the wrapped database: it commits with its entry, or not at all.
struct PersonChanges: Sendable {
    /// What the form shows, beside what it leaves alone.
    static let shown = ["name", "email", "phone", "birthday", "salary", "department"]

    let database: RecordedDatabase

    func add(to router: Router<DirectoryContext>) {
        router.get("/people/{id}/edit", use: edit)
        router.post("/people/{id}", use: save)
        router.post("/people/{id}/role", use: changeRole)
        router.post("/people/{id}/remove", use: remove)
    }

    /// Opening the form is a look, whether or not anything is saved.
    @Sendable private func edit(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        try context.requireMayChange(person: id)
        let viewer = try context.requireViewer()
        guard let person = try await database.fetch(Person.self, id: id, showing: Self.shown) else { throw HTTPError(.notFound) }
        guard !person.isErased else { throw HTTPError(.gone) }
        return PeoplePages.form(person, viewer: viewer, purpose: context.purpose).response()
    }

    /// `user.updated` with before and after of what differs.
    @Sendable private func save(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        try context.requireMayChange(person: id)
        let form = try await request.form(PersonForm.self)
        let saved: Person?
        do {
            saved = try await database.write { transaction in
                let saved = try transaction.update(Person.self, id: id) { person in try form.fill(&person) }
                // No column can say that an address is taken: no two sealed values are equal. A throw takes the change back.
                if saved != nil, try transaction.isTaken(form.email, as: "email", of: Person.self, besides: id) {
                    throw HTTPError(.conflict)
                }
                return saved
            }
        } catch VaultError.personErased {
            throw HTTPError(.gone)
        }
        guard saved != nil else { throw HTTPError(.notFound) }
        return context.seeOther("/people/\(id)")
    }

    private struct RoleForm: Decodable {
        let role: Role
    }

    /// `security.role_changed`, an action of the policy's own, in place of `user.updated`: it is written with the row, in one transaction.
    @Sendable private func changeRole(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        try context.requireMayChange(person: id, \.grantsRoles)
        let role = try await request.form(RoleForm.self).role
        let isThere = try await database.write { transaction in
            // Nothing personal is needed for it, so the sealed columns stay closed and are written back as they were.
            guard var person = try Person.fetchOne(transaction.db, key: id) else { return false }
            let change = FieldChange(before: .text(person.role.rawValue), after: .text(role.rawValue))
            person.role = role
            try person.update(transaction.db)
            try transaction.record(
                Entry(
                    event: "role_changed", action: "security.role_changed", record: RecordReference(type: Person.recordType, id: id),
                    changes: ["role": change]))
            return true
        }
        guard isThere else { throw HTTPError(.notFound) }
        return context.seeOther("/people/\(id)")
    }

    /// `user.deleted`, and `hardware.updated` where devices were taken back: two acts that commit together.
    @Sendable private func remove(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        try context.requireMayChange(person: id, \.managesPeople)
        let removed = try await database.write { transaction in
            try transaction.updateAll(Hardware.filter(Column("assigned_to") == id)) { $0.assignedTo = nil }
            return try transaction.delete(Person.self, id: id)
        }
        guard removed != nil else { throw HTTPError(.notFound) }
        return context.seeOther("/people")
    }
}
