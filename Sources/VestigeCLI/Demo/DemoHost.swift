import Foundation
import Logging
import PeopleDirectory
import VestigeCore
import VestigeLocal
import VestigePolicy

/// The example host and a data directory of its own, in a temporary directory.
struct DemoHost: Sendable {
    let directory: String
    let vestige: LocalVestige
    let store: DirectoryStore
    let app: DirectoryApp
    let generator = PersonGenerator()

    var data: String { directory + "/vestige-data" }
    /// The host's own database, which never stands in the data directory.
    var database: String { directory + "/people.sqlite" }

    static func start() async throws -> DemoHost {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vestige-demo-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let vestige = try await Vestige.create(
            Place(data: directory + "/vestige-data"), policy: DirectoryPolicy.parsed(), by: Environment.account())
        let store = try await DirectoryStore(path: directory + "/people.sqlite", values: vestige.values)
        var logger = Logger(label: "people-directory") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return DemoHost(
            directory: directory, vestige: vestige, store: store,
            app: try await DirectoryApp(store: store, recorder: vestige.recorder, logger: logger))
    }

    func close(keeping: Bool) async throws {
        await app.close()
        try await vestige.close()
        try store.close()
        if !keeping { try FileManager.default.removeItem(atPath: directory) }
    }
}
