public import GRDB
public import VestigeCore
import VestigePolicy
import VestigeVault

extension RecordedTransaction {
    /// Whether somebody has this value in a searchable, sealed field: what a UNIQUE column cannot say, since no two sealed values are equal.
    ///
    /// It is exact, also beside other processes: it is asked under the database's write lock, people are put into the index under it, and whom
    /// the index names is held against their row. It discloses no record and so leaves no entry. The transaction waits for the vault, a
    /// millisecond as a rule.
    ///
    /// - Parameters:
    ///   - type: A record that is the person themselves, with an id as its primary key.
    ///   - besides: the id of the person who may have it.
    /// - Throws: ``RecordingError/unusableField(type:field:problem:)`` if the field is not `searchable`; ``RecordingError/unavailable(_:)``.
    public func isTaken<Record>(
        _ value: String, as field: String, of type: Record.Type, besides id: String? = nil
    ) throws -> Bool where Record: Recordable & FetchableRecord & TableRecord {
        let answer = try Blocking.wait { [values] in
            let found = try await values.find(field, of: Record.recordType, equals: value)
            return found.filter { $0.type == Record.recordType && $0.id != id }.map(\.id)
        }
        guard let ids = answer else {
            throw RecordingError.unavailable("the vault did not answer in time; nothing was changed, try again")
        }
        for id in ids {
            guard let record = try opened(try Record.fetchOne(db, key: id)) else { continue }
            if try values.has(value, in: field, of: record) { return true }
        }
        return false
    }
}
