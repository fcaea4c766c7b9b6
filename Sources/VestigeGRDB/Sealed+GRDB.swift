public import GRDB
public import VestigeCore
import VestigeVault

/// A sealed column of a host's table: a BLOB. `STRICT` tables take nothing else there.
extension Sealed: DatabaseValueConvertible {
    /// What is not sealed yet is written as a text that says so, which a `STRICT` table refuses and nobody reads back as a value: write the record
    /// through a ``RecordedTransaction``, or seal it by `PersonalValues.sealed(_:)` first.
    public var databaseValue: DatabaseValue { stored?.databaseValue ?? "not sealed".databaseValue }

    /// `nil`, and so an error of GRDB's, for a column that holds no sealed value.
    public static func fromDatabaseValue(_ dbValue: DatabaseValue) -> Sealed? {
        SealedValue.fromDatabaseValue(dbValue).map { Sealed(stored: $0) }
    }
}
