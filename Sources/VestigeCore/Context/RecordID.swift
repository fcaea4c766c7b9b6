import VestigeCrypto
import VestigeTrail

/// What can be said of a record's id without asking its store.
package enum RecordID {
    /// Whether both are spellings of one id: equal, equal as whole numbers (`42`, `+42`, `042`), or as UUIDs whatever their case.
    package static func areOne(_ first: String, _ second: String) -> Bool {
        if first == second { return true }
        if let number = Int64(first) { return number == Int64(second) }
        return uuid(first).map { $0 == uuid(second) } ?? false
    }

    /// Whether both may be one record: a name in a path (`ana`, `17`) may stand for an id of another form (`42`, `HW-17`).
    static func mayBeOne(_ first: String, _ second: String) -> Bool {
        areOne(first, second) || (Int64(first) == nil) != (Int64(second) == nil) || (uuid(first) == nil) != (uuid(second) == nil)
    }

    private static func uuid(_ text: String) -> Bytes16? { UUIDText.read(text.lowercased()) }
}
