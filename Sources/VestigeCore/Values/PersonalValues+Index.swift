import VestigePolicy
public import VestigeVault

/// Searchable fields: finding people by what a field of theirs equals.
///
/// The index stands in the vault, the row in the host's database, and no commit takes both. So there is one order: the index first, then the
/// row, and what no longer holds goes last. A crash in between leaves a person findable by a value too many, never by one too few, and
/// ``opened(_:where:equals:only:)`` tells who really has it. A recorded database keeps this order by itself; with another store use
/// ``replace(_:by:for:field:of:commit:)``.
extension PersonalValues {
    /// Seals a new value of a searchable field, lets `commit` write it, and takes the old one out of the index.
    ///
    /// | it ends | the row has | the person is findable by |
    /// |---|---|---|
    /// | with a crash before `commit` wrote, or because it threw | the old value | both |
    /// | with a crash after `commit` wrote | the new value | both |
    /// | well | the new value | the new value |
    ///
    /// Nobody else may change this field of this person meanwhile: whoever put the old value back would lose it from the index.
    ///
    /// - Parameters:
    ///   - old: what the row has; nil for a first value.
    ///   - new: nil where the row, or the value in it, is deleted.
    ///   - commit: writes the row; it gets what is to stand there, nil if nothing is.
    /// - Throws: as ``seal(_:for:field:of:)``; ``RecordingError/unusableField(type:field:problem:)`` if the field is not `searchable`, or if nothing
    ///   of the value is left once it is normalised; what `commit` throws.
    public func replace<Result>(
        _ old: String?, by new: String?, for subject: SubjectID, field: String, of type: String? = nil,
        isolation: isolated (any Actor)? = #isolation, commit: (SealedValue?) async throws -> Result
    ) async throws -> Result {
        let searchable = try searchable(field, of: type ?? subject.type)
        let newForm = try new.map { try Self.form(of: $0, searchable) }
        let oldForm = old.map(searchable.normalisation.form(of:)).flatMap { $0.isEmpty || $0 == newForm ? nil : $0 }
        var sealed: SealedValue?
        if let new, let newForm {
            // Sealed first: it refuses the erased before anything is indexed.
            sealed = try await vault.seal(new, for: subject, field: searchable.name)
            try await vault.index(newForm, for: subject, field: searchable.name)
        }
        let result = try await commit(sealed)
        if let oldForm { try await vault.unindex(oldForm, for: subject, field: searchable.name) }
        return result
    }

    /// Makes a person findable by a value that is stored already.
    public func index(_ value: String, for subject: SubjectID, field: String, of type: String? = nil) async throws {
        let searchable = try searchable(field, of: type ?? subject.type)
        try await vault.index(try Self.form(of: value, searchable), for: subject, field: searchable.name)
    }

    /// Makes a person no longer findable by a value, when it is deleted.
    public func unindex(_ value: String, for subject: SubjectID, field: String, of type: String? = nil) async throws {
        let searchable = try searchable(field, of: type ?? subject.type)
        try await vault.unindex(try Self.form(of: value, searchable), for: subject, field: searchable.name)
    }

    /// Everybody whose field equals a value in its normalised form, sorted; erased people are gone. Values are compared, never parts of them.
    ///
    /// A person with several identifiers is given by those of the type `person`, by their first one if they have none of it.
    ///
    /// - Parameters:
    ///   - type: the record that declares the field.
    ///   - person: the type of the people; the subject's type of the record if left out.
    /// - Throws: ``RecordingError/unusableField(type:field:problem:)`` if the field is not `searchable`.
    public func find(_ field: String, of type: String, equals value: String, person: String? = nil) async throws -> [SubjectID] {
        let searchable = try searchable(field, of: type)
        let form = searchable.normalisation.form(of: value)
        guard !form.isEmpty else { return [] }
        let wanted = person ?? policy.records[type]?.subject.personType ?? type
        var people: [SubjectID] = []
        for found in try await vault.find(field: searchable.name, equals: form) {
            if found.type == wanted {
                people.append(found)
            } else {
                let others = try await vault.identifiers(of: found).filter { $0.type == wanted }
                people += others.isEmpty ? [found] : others
            }
        }
        return people
    }

    /// Of records that the host read by the ids that ``find(_:of:equals:person:)`` gave, those whose field equals the value, opened.
    ///
    /// - Parameter fields: to be opened beside this one; nil opens all.
    public func opened<Record: Recordable>(
        _ records: [Record], where field: String, equals value: String, only fields: [String]? = nil
    ) async throws -> [Record] {
        try await opened(records, only: fields.map { $0 + [field] }).filter { try has(value, in: field, of: $0) }
    }

    /// Whether an open field equals a value in its normalised form.
    package func has<Record: Recordable>(_ value: String, in field: String, of record: Record) throws -> Bool {
        let form = try searchable(field, of: Record.recordType).normalisation.form(of: value)
        return try ColumnKeys(self).forms(of: record)[field] == form
    }
}

extension SubjectRule {
    /// The type of the person whom a record is about, where it is another record.
    fileprivate var personType: String? {
        if case .field(let type, _) = self { type } else { nil }
    }
}
