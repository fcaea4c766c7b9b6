import GRDB
import VestigeCore
import VestigeVault

/// A value that a person had, to be taken out of the blind index once the transaction that changed it is committed.
///
/// A crash before that leaves a person findable by a value too many, which is why whoever is found is held against their row. Taken away too
/// early, or while somebody puts the value back, it would be one too few: so it goes in a transaction of its own, which holds the
/// database's write lock as every transaction does that adds to the index, and only if the row still has another value.
struct IndexRemoval: Sendable {
    let change: IndexChange
    /// Whether the row has the value, now or again.
    private let stands: @Sendable (Database, ColumnKeys) throws -> Bool

    /// nil where the record does not know its key, and so could not be looked at again.
    init?<Record>(_ change: IndexChange, of record: Record, in db: Database) throws
    where Record: Recordable & FetchableRecord & MutablePersistableRecord {
        guard let key = try record.primaryKey(in: db) else { return nil }
        self.change = change
        stands = { db, keys in
            guard let found = try Record.fetchOne(db, key: key.mapValues { $0 as (any DatabaseValueConvertible)? }) else { return false }
            var records = [found]
            try keys.open(&records)
            return try keys.forms(of: records[0]).contains { "\(Record.recordType).\($0.key)" == change.field && $0.value == change.old }
        }
    }

    /// Does it for many. What fails stays in the index, until the person is erased.
    static func perform(_ removals: [IndexRemoval], in writer: any DatabaseWriter, _ values: PersonalValues) async {
        try? await writer.write { db in
            var keys = ColumnKeys(values)
            var gone: [IndexChange] = []
            for removal in removals {
                do {
                    if try !removal.stands(db, keys) { gone.append(removal.change) }
                } catch let missing as NotReady {
                    guard
                        let answer = try Blocking.wait(for: { [keys] in
                            var keys = keys
                            try await keys.wait(for: missing)
                            return keys
                        })
                    else { return }
                    keys = answer
                    if try !removal.stands(db, keys) { gone.append(removal.change) }
                }
            }
            // To its end: after the lock is given back it could take away what somebody has just put there.
            try Blocking.finish { [keys, gone] in try await keys.reindex(gone) }
        }
    }
}

extension MutablePersistableRecord {
    /// By which the row can be found again; nil where the record does not know it.
    func primaryKey(in db: Database) throws -> [String: DatabaseValue]? {
        let values = try databaseDictionary
        var key: [String: DatabaseValue] = [:]
        for column in try db.primaryKey(Self.databaseTableName).columns {
            guard let value = values[column], !value.isNull else { return nil }
            key[column] = value
        }
        return key
    }
}
