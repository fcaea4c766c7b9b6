import GRDB
import VestigeCore
import VestigeGRDB

/// Background work, recorded like everything else: under its own name, with its own purpose, and never as whoever's request was answered
/// last. Without `Vestige.as` it would be refused, since nobody acts.
public struct NightlyJob: Sendable {
    static let actor = AuditActor.system("nightly")
    /// With the next payroll everybody gets a voucher for their birthday.
    static let purpose = "payroll"

    let database: RecordedDatabase

    /// Names of those whose birthday it is. They leave one entry with all of them, and none when there are none.
    ///
    /// - Parameter day: `MM-DD`
    /// - Throws: `RecordingError` when the look cannot be recorded; nobody's name is handed out then.
    public func birthdays(on day: String) async throws -> [String] {
        try await Vestige.as(Self.actor, purpose: Self.purpose) {
            // SQL cannot look into a sealed column: all birthdays are opened, and whose it is not is neither handed out nor recorded.
            let born = try await database.list(Person.all(), showing: ["name", "birthday"]) { person in
                person.birthday.value?.hasSuffix("-\(day)") == true
            }
            return born.compactMap(\.name.value)
        }
    }
}
