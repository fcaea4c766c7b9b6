public import GRDB
public import VestigeCore

// What the wrapped database needs to know of each record: its table, and what the trail calls its fields.

extension Person: FetchableRecord, PersistableRecord, Recordable {
    public static let databaseTableName = "people"
    public static let recordType = "user"

    public var recordID: String? { id }

    public var recordedFields: [String: FieldValue] {
        // What is not open is left out: it is neither shown nor compared.
        [
            "name": name.recorded, "email": email.recorded, "phone": phone.recorded, "birthday": birthday.recorded,
            "salary": salary.recorded, "role": .text(role.rawValue), "department": .text(department),
        ].compactMapValues { $0 }
    }
}

extension Hardware: FetchableRecord, PersistableRecord, Recordable {
    public static let databaseTableName = "hardware"
    public static let recordType = "hardware"

    public var recordID: String? { id }

    /// `assigned_to` names a person, as the policy says: before goes to whom the device was taken from, after to whom it was given.
    public var recordedFields: [String: FieldValue] {
        ["serial": .text(serial), "model": .text(model), "assigned_to": FieldValue(assignedTo)]
    }
}
