/// A host's own access to records of one type: what ``RecordedStore`` wraps. It records nothing by itself.
///
/// Conform to what the store can do: looking one up is all that is needed.
public protocol Repository<Record>: Sendable {
    associatedtype Record: Recordable

    /// The record with this id; nil when there is none.
    func fetch(id: String) async throws -> Record?
}

/// Gives pages of records.
public protocol ListingRepository: Repository {
    /// What is asked for: filters, order, the place in the list.
    associatedtype Query: Sendable

    /// One page, as it is to be shown.
    func list(_ query: Query) async throws -> [Record]
}

/// Creates, changes and deletes single records.
public protocol EditableRepository: Repository {
    /// - Returns: the record as it was stored, with its id.
    func create(_ record: Record) async throws -> Record

    /// Changes a record in one transaction of its own.
    ///
    /// - Returns: the record before and after, both read in that transaction; nil when there is none with this id.
    func update(id: String, _ edit: @Sendable (inout Record) throws -> Void) async throws -> RecordUpdate<Record>?

    /// - Returns: the record that was deleted; nil when there was none with this id.
    func delete(id: String) async throws -> Record?
}

/// Changes and deletes many records in one transaction.
public protocol BulkRepository: EditableRepository {
    /// - Returns: before and after of each record that is there, from the one transaction that changed them all.
    func update(ids: [String], _ edit: @Sendable (inout Record) throws -> Void) async throws -> [RecordUpdate<Record>]

    /// - Returns: the records that were deleted.
    func delete(ids: [String]) async throws -> [Record]
}
