import Hummingbird
import VestigeGRDB

/// `/people`: a list that opens nobody's record, and a person's page, which does.
struct PeopleRoutes: Sendable {
    /// What the page shows; the policy says the same of the route.
    static let shown = ["name", "email", "phone", "role", "department"]

    let database: RecordedDatabase
    let store: DirectoryStore

    func add(to router: Router<DirectoryContext>) {
        router.get("/people", use: list)
        router.get("/people/{id}", use: show)
    }

    @Sendable private func list(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer()
        let names = try await store.names(inDepartment: viewer.department)
        return PeoplePages.department(viewer.department, names, viewer: viewer, purpose: context.purpose).response()
    }

    @Sendable private func show(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let viewer = try context.requireMayOpen(person: id)
        if viewer.id == id { context.looksAtOwn() }
        guard let person = try await database.fetch(Person.self, id: id, showing: Self.shown) else { throw HTTPError(.notFound) }
        return PeoplePages.person(person, viewer: viewer, purpose: context.purpose).response()
    }
}
