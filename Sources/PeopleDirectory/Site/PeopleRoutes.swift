import Hummingbird
import VestigeHummingbird

/// `/people`: a list that opens nobody's record, and the pages that do.
struct PeopleRoutes: Sendable {
    /// What a page sends along when nobody chose another reason.
    static let usualPurpose = "support"
    static let ownPurpose = "own"

    let store: DirectoryStore

    func add(to router: Router<DirectoryContext>) {
        router.get("/people", use: list)
        router.get("/people/{id}", use: show)
        router.get("/people/{id}/edit", use: edit)
    }

    @Sendable private func list(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer()
        let names = try await store.names(inDepartment: viewer.department)
        return PeoplePages.department(
            viewer.department, names, viewer: viewer, purpose: context.recording.purpose ?? Self.usualPurpose
        ).response()
    }

    @Sendable private func show(_ request: Request, context: DirectoryContext) async throws -> Response {
        let (person, viewer) = try await open(context)
        return PeoplePages.person(person, viewer: viewer, purpose: context.recording.purpose ?? Self.usualPurpose).response()
    }

    /// The form shows what the page shows: opening it is a look, whether or not anything is saved.
    @Sendable private func edit(_ request: Request, context: DirectoryContext) async throws -> Response {
        let (person, viewer) = try await open(context)
        context.recording.discloses(["name", "email", "phone", "birthday", "salary", "department"])
        return PeoplePages.form(person, viewer: viewer).response()
    }

    private func open(_ context: DirectoryContext) async throws -> (person: Person, viewer: Person) {
        let id = try context.parameters.require("id")
        let viewer = try context.requireMayOpen(person: id)
        guard let person = try await store.person(id) else { throw HTTPError(.notFound) }
        // The id as the store has it, whatever spelling of it the path had.
        context.recording.recordID = person.id
        // Nobody has to give a reason for looking at their own page.
        if viewer.id == id, context.recording.purpose == nil {
            context.recording.purpose = Self.ownPurpose
        }
        return (person, viewer)
    }
}
