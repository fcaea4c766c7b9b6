import Foundation
public import GRDB
public import VestigeVault

/// A column of a host's table: the bytes of a sealed value, as a BLOB.
extension SealedValue: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { Data(bytes).databaseValue }

    /// `nil`, and so an error of GRDB's, for a column that holds no sealed value.
    public static func fromDatabaseValue(_ dbValue: DatabaseValue) -> SealedValue? {
        Data.fromDatabaseValue(dbValue).flatMap { try? SealedValue(bytes: [UInt8]($0)) }
    }
}
