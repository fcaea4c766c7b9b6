import GRDB
import Hummingbird
import VestigeCore
import VestigeGRDB
import VestigeTrail

/// What concerns many people at once: a list with their data, a change of all of them, a file with everybody. Each is one entry with all
/// people in it, or one for each page.
struct DepartmentRoutes: Sendable {
    static let contactCountMax = 25
    static let contactFields = ["name", "email", "phone"]
    static let exportPageCount = 100
    static let exportFields = ["name", "email", "phone", "department"]
    private static let pageMax = 10_000

    let database: RecordedDatabase

    func add(to router: Router<DirectoryContext>) {
        router.get("/contacts", use: contacts)
        router.post("/contacts", use: search)
        router.post("/departments/move", use: move)
        router.get("/exports/people.csv", use: export)
    }

    /// One page of a department's people. Everybody on it is in the entry, so each of them finds it when they ask who viewed them.
    @Sendable private func contacts(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer(who: \.opensEverything)
        let query = request.uri.queryParameters
        let department = query["department"].map(String.init) ?? viewer.department
        let page = min(max(1, query.get("page", as: Int.self) ?? 1), Self.pageMax)
        let people = try await database.list(
            Person.filter(Column("department") == department).order(Column.rowID)
                .limit(Self.contactCountMax, offset: (page - 1) * Self.contactCountMax),
            showing: Self.contactFields)
        // An empty page shows nobody, and that has to be said: it could as well be a handler that forgot to say whom it shows.
        if people.isEmpty { context.recording.isAboutNobody() }
        return DepartmentPages.contacts(department, people, page: page, viewer: viewer, purpose: context.purpose).response()
    }

    private struct SearchForm: Decodable {
        let email: String
    }

    /// Whose address it is, found by the vault's blind index. It comes in a form: in the path it would stand in logs and histories.
    @Sendable private func search(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer(who: \.opensEverything)
        let email = try await request.form(SearchForm.self).email
        let people = try await database.find(Person.self, where: "email", equals: email, showing: Self.contactFields)
        if people.isEmpty { context.recording.isAboutNobody() }
        return DepartmentPages.found(people, viewer: viewer, purpose: context.purpose).response()
    }

    private struct MoveForm: Decodable {
        let from: String
        let to: String
    }

    /// Everybody of one department goes to another: one `user.updated`, with before and after for each of them.
    @Sendable private func move(_ request: Request, context: DirectoryContext) async throws -> Response {
        try context.requireViewer(who: \.managesPeople)
        let form = try await request.form(MoveForm.self)
        guard (1...PersonForm.textByteCountMax).contains(form.to.utf8.count), form.to != form.from else { throw HTTPError(.badRequest) }
        let moved = try await database.write { transaction in
            try transaction.updateAll(Person.filter(Column("department") == form.from)) { $0.department = form.to }.count
        }
        guard moved > 0 else { throw HTTPError(.notFound) }
        return context.seeOther("/people")
    }

    /// Everybody, streamed page by page, so that the file need not fit into memory. Each page is recorded before its rows leave: who hangs
    /// up in the middle is recorded to have seen the pages so far and no others.
    @Sendable private func export(_ request: Request, context: DirectoryContext) async throws -> Response {
        try context.requireViewer(who: \.managesPeople)
        context.recording.namesPersonsWhileStreaming()
        context.recording.detail("export_format", .code("csv"))
        let pages = database.pages(of: Person.order(Column.rowID), size: Self.exportPageCount, showing: Self.exportFields)
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: CSV.line(Self.exportFields)))
            for try await page in pages {
                let lines = page.map { CSV.line([$0.name.shown, $0.email.shown, $0.phone.shown, $0.department]) }
                try await writer.write(ByteBuffer(string: lines.joined()))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/csv; charset=utf-8", .contentDisposition: "attachment; filename=\"people.csv\""], body: body)
    }
}

/// RFC 4180.
enum CSV {
    static func line(_ cells: [String]) -> String {
        cells.map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: ",") + "\r\n"
    }
}
