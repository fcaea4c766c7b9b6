import VestigeVault

/// Whole records with ``Sealed`` columns, for what a host reads and writes past its recorded stores: sessions, permissions, imports.
extension PersonalValues {
    /// Opens columns, the keys of all records in as few reads as can be. What cannot be opened says so in its ``Sealed/state``; a record of
    /// somebody erased is no error.
    ///
    /// - Parameter fields: those that are needed; the others stay closed. nil: all.
    /// - Throws: ``RecordingError``, `VaultError`.
    public func opened<Record: Recordable>(_ records: [Record], only fields: [String]? = nil) async throws -> [Record] {
        var keys = ColumnKeys(self)
        var records = records
        let fields = fields.map { Set($0) }
        try await keys.ready { keys in try keys.open(&records, only: fields) }
        return records
    }

    /// Seals the columns of records that are to be written, and makes their people findable by their searchable ones. Whoever is new is
    /// admitted. Write the rows afterwards: then a crash leaves people findable who have no row, and never a row that nobody finds.
    ///
    /// - Throws: `VaultError.personErased`; ``RecordingError``.
    public func sealed<Record: Recordable>(_ records: [Record]) async throws -> [Record] {
        var keys = ColumnKeys(self)
        var records = records
        var open = Array(records.indices)
        try await keys.ready { keys in
            var missing = NotReady()
            open = try open.filter { place in
                var record = records[place]
                if let wanted = try keys.seal(&record) {
                    missing = missing.union(wanted)
                    return true
                }
                records[place] = record
                return false
            }
            if !open.isEmpty { throw missing }
        }
        try await keys.reindex(try records.flatMap { try keys.indexChanges(from: nil, to: $0).added })
        return records
    }
}
