import GRDB
import Hummingbird
import VestigeCore
import VestigeGRDB

/// `/hardware`: a page about a device shows who has it, so a look at it is a look at them.
struct HardwareRoutes: Sendable {
    let database: RecordedDatabase
    let store: DirectoryStore

    func add(to router: Router<DirectoryContext>) {
        router.get("/hardware", use: list)
        router.get("/hardware/{id}", use: show)
        router.get("/hardware/{id}/edit", use: edit)
        router.post("/hardware/{id}", use: save)
    }

    @Sendable private func list(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer()
        return HardwarePages.list(try await store.hardwareModels(), viewer: viewer).response()
    }

    @Sendable private func show(_ request: Request, context: DirectoryContext) async throws -> Response {
        let (device, viewer) = try await open(context)
        var holder: Person?
        if let id = device.assignedTo {
            // The holder's name is shown too; both looks become the page's one entry.
            holder = try await database.fetch(Person.self, id: id, showing: ["name"])
        }
        return HardwarePages.device(device, holder: holder, viewer: viewer, purpose: context.purpose).response()
    }

    @Sendable private func edit(_ request: Request, context: DirectoryContext) async throws -> Response {
        try context.requireViewer(who: \.opensEverything)
        let (device, viewer) = try await open(context)
        return HardwarePages.form(device, viewer: viewer, purpose: context.purpose).response()
    }

    private struct Form: Decodable {
        let serial: String
        let model: String
        /// Empty: back to the store room.
        let assignedTo: String

        private enum CodingKeys: String, CodingKey {
            case serial, model
            case assignedTo = "assigned_to"
        }
    }

    /// `hardware.updated`: where the device changes hands, before goes to whom it was taken from and after to whom it was given.
    @Sendable private func save(_ request: Request, context: DirectoryContext) async throws -> Response {
        let id = try context.parameters.require("id")
        try context.requireViewer(who: \.opensEverything)
        let form = try await request.form(Form.self)
        let saved: Hardware?
        do {
            saved = try await database.write { transaction in
                try transaction.update(Hardware.self, id: id) { device in
                    device.serial = form.serial
                    device.model = form.model
                    device.assignedTo = form.assignedTo.isEmpty ? nil : form.assignedTo
                }
            }
        } catch DatabaseError.SQLITE_CONSTRAINT_FOREIGNKEY {
            throw HTTPError(.badRequest)
        } catch DatabaseError.SQLITE_CONSTRAINT_UNIQUE {
            throw HTTPError(.conflict)
        }
        guard let saved else { throw HTTPError(.notFound) }
        // A form that was saved as it was is no change, and the request is recorded all the same: then it has to be said whom it concerns.
        if let holder = saved.assignedTo {
            try context.recording.isAbout(Person.recordType, id: holder)
        } else {
            context.recording.isAboutNobody()
        }
        return context.seeOther("/hardware/\(id)")
    }

    /// A member may open what they have themselves, and learns of no other device whether it exists. The device is looked up first: who
    /// is refused one that exists has tried to see its holder, and that is recorded too.
    private func open(_ context: DirectoryContext) async throws -> (device: Hardware, viewer: Person) {
        let viewer = try context.requireViewer()
        let device = try await database.fetch(Hardware.self, id: try context.parameters.require("id"))
        let isOwn = device?.assignedTo == viewer.id
        guard viewer.role.opensEverything || isOwn else { throw HTTPError(.forbidden) }
        guard let device else { throw HTTPError(.notFound) }
        if isOwn { context.looksAtOwn() }
        return (device, viewer)
    }
}
