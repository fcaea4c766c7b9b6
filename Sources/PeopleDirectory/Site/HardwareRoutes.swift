import Hummingbird
import VestigeHummingbird

/// `/hardware`: a page about a device shows who has it, so the handler says who that is.
struct HardwareRoutes: Sendable {
    let store: DirectoryStore

    func add(to router: Router<DirectoryContext>) {
        router.get("/hardware", use: list)
        router.get("/hardware/{id}", use: show)
        router.get("/hardware/{id}/edit", use: edit)
    }

    @Sendable private func list(_ request: Request, context: DirectoryContext) async throws -> Response {
        let viewer = try context.requireViewer()
        return HardwarePages.list(try await store.hardwareModels(), viewer: viewer).response()
    }

    @Sendable private func show(_ request: Request, context: DirectoryContext) async throws -> Response {
        let (device, viewer) = try await open(context)
        var holder: Person?
        if let id = device.assignedTo {
            holder = try await store.person(id)
        }
        return HardwarePages.device(device, holder: holder, viewer: viewer).response()
    }

    @Sendable private func edit(_ request: Request, context: DirectoryContext) async throws -> Response {
        let (device, viewer) = try await open(context)
        context.recording.discloses(["serial", "model", "assigned_to"])
        return HardwarePages.form(device, viewer: viewer).response()
    }

    /// A member may open what they have themselves, and learns of no other device whether it exists.
    private func open(_ context: DirectoryContext) async throws -> (device: Hardware, viewer: Person) {
        let viewer = try context.requireViewer()
        let device = try await store.hardware(try context.parameters.require("id"))
        // Who is refused a device that exists has tried to open that device.
        context.recording.recordID = device?.id
        guard viewer.role.opensEverything || device?.assignedTo == viewer.id else { throw HTTPError(.forbidden) }
        guard let device else { throw HTTPError(.notFound) }
        if let holder = device.assignedTo {
            try context.recording.isAbout("user", id: holder)
        } else {
            context.recording.isAboutNobody()
        }
        return (device, viewer)
    }
}
