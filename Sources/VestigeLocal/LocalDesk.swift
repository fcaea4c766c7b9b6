import Foundation
import VestigeSQLite

/// The desk of a data directory: working state that is not evidence, made when it is first needed.
enum LocalDesk {
    /// - Throws: ``SQLiteStoreError``
    static func open(in place: Place) throws -> SQLiteDeskStore {
        if !FileManager.default.fileExists(atPath: place.data + "/desk.sqlite") {
            // Another process may make it at this moment, and then it stands.
            if let made = try? SQLiteDeskStore.create(in: place.data) { return made }
        }
        return try SQLiteDeskStore.open(in: place.data)
    }
}
