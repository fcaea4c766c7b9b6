import VestigePolicy
package import VestigeVault

/// Opens and seals the columns of records without waiting, for the length of one read or one transaction.
///
/// Whose key is missing is told as ``NotReady``: ``wait(for:)`` them, and try again. It remembers who has none, so that it asks once.
package struct ColumnKeys: Sendable {
    private static let attemptCountMax = 4

    private let values: PersonalValues
    private var vault: Vault { values.vault }
    /// Without a key: erased, or never known.
    private var without: Set<SubjectID> = []
    /// Erased, and so not admitted.
    private var refused: Set<SubjectID> = []

    package init(_ values: PersonalValues) { self.values = values }

    /// Opens the columns that are closed.
    ///
    /// - Parameter fields: only these; nil: all.
    /// - Throws: ``NotReady`` with everybody who is missing; the others' columns are open then. ``RecordingError/refused(member:problem:)``.
    package func open<Record: Recordable>(_ records: inout [Record], only fields: Set<String>? = nil) throws {
        var missing = NotReady()
        for place in records.indices { try open(&records[place], fields, &missing) }
        if !missing.owners.isEmpty { throw missing }
    }

    private func open<Record: Recordable>(_ record: inout Record, _ fields: Set<String>?, _ missing: inout NotReady) throws {
        guard try visit(&record, .count, fields).closedCount > 0 else { return }
        // Of nobody's record nothing can be opened.
        let owner = try values.policy.rule(of: Record.self).owner(of: record)
        let person = owner.flatMap { vault.loadedPerson($0) }
        if let owner, person == nil, !without.contains(owner) {
            missing.owners.insert(owner)
            return
        }
        do {
            _ = try visit(&record, .open(person), fields)
        } catch VaultError.keyNotLoaded {
            if let owner { missing.owners.insert(owner) }
        }
    }

    /// Seals what is not sealed yet.
    ///
    /// - Parameter before: the record as it stands in the table, if it does.
    /// - Returns: who has to be admitted first; what was written into the record in place of sealed values must not stay anywhere then.
    /// - Throws: `VaultError.personErased`, ``RecordingError/refused(member:problem:)``, ``RecordingError/unusableField(type:field:problem:)``.
    package func seal<Record: Recordable>(_ record: inout Record, before: Record? = nil) throws -> NotReady? {
        guard try visit(&record, .count).count > 0 else { return nil }
        let rule = try values.policy.rule(of: Record.self)
        let owner = try rule.owner(of: record)
        if let before, try rule.owner(of: before) != owner { _ = try visit(&record, .unseal) }
        guard try visit(&record, .count).unsealedCount > 0 else { return nil }
        guard let owner else {
            throw RecordingError.refused(
                member: "record",
                problem: "its sealed columns need the person they are about; give the record its id, or the field that names them, first")
        }
        let person = vault.loadedPerson(owner)
        guard person != nil || !refused.contains(owner) else { throw VaultError.personErased }
        do {
            _ = try visit(&record, .seal(person))
            if person != nil { return nil }
        } catch VaultError.keyNotLoaded {
            _ = try visit(&record, .seal(nil))
        }
        return NotReady(newcomers: [owner])
    }

    /// A record as the table gave it back, with what is known of the columns that were just written.
    package func recall<Record: Recordable>(_ written: Record, in record: inout Record) throws {
        var written = written
        let remembered = try visit(&written, .remember).remembered
        if !remembered.isEmpty { _ = try visit(&record, .recall(remembered)) }
    }

    private func visit<Record: Recordable>(
        _ record: inout Record, _ work: SealedColumns.Work, _ fields: Set<String>? = nil
    ) throws -> SealedColumns {
        var columns = SealedColumns(type: Record.recordType, work, fields: fields)
        try record.visitSealed(&columns)
        return columns
    }

    // MARK: The blind index

    /// The forms of a record's searchable texts, as far as they are open and something of them counts.
    package func forms<Record: Recordable>(of record: Record) throws -> [String: [UInt8]] {
        var record = record
        var forms: [String: [UInt8]] = [:]
        for (field, text) in try visit(&record, .read).texts {
            guard values.policy.records[Record.recordType]?.fields[field]?.isSearchable == true else { continue }
            let form = try values.searchable(field, of: Record.recordType).normalisation.form(of: text)
            if !form.isEmpty { forms[field] = form }
        }
        return forms
    }

    /// What a change of a record is to change in the index: one for what is added, and one for what no longer holds.
    package func indexChanges<Record: Recordable>(from before: Record?, to after: Record?) throws -> (
        added: [IndexChange], gone: [IndexChange]
    ) {
        let old = try before.map { try forms(of: $0) } ?? [:]
        let new = try after.map { try forms(of: $0) } ?? [:]
        guard !old.isEmpty || !new.isEmpty else { return ([], []) }
        let rule = try values.policy.rule(of: Record.self)
        let oldOwner = try before.flatMap { try rule.owner(of: $0) }
        let newOwner = try after.flatMap { try rule.owner(of: $0) }
        var (added, gone): ([IndexChange], [IndexChange]) = ([], [])
        for field in Set(old.keys).union(new.keys) where oldOwner != newOwner || old[field] != new[field] {
            let name = try values.name(field, of: Record.recordType)
            if let newOwner, let form = new[field] { added.append(IndexChange(subject: newOwner, field: name, old: nil, new: form)) }
            if let oldOwner, let form = old[field] { gone.append(IndexChange(subject: oldOwner, field: name, old: form, new: nil)) }
        }
        return (added, gone)
    }

    /// Puts into the index, or takes out of it; durable on return.
    package func reindex(_ changes: [IndexChange]) async throws { try await vault.reindex(changes) }

    // MARK: Waiting

    /// - Throws: `VaultError`.
    package mutating func wait(for missing: NotReady) async throws {
        if !missing.owners.isEmpty { without.formUnion(try await vault.load(Array(missing.owners))) }
        let newcomers = Array(missing.newcomers)
        for (person, standing) in zip(newcomers, try await vault.admit(newcomers.map { ($0, .subject) })) where standing == .erased {
            refused.insert(person)
        }
        if !missing.index.isEmpty { try await vault.reindex(Array(missing.index)) }
    }

    /// Does what needs keys as often as keys are missing, as long as that leads anywhere.
    mutating func ready(_ work: (ColumnKeys) throws -> Void) async throws {
        var attempts = 0
        var last = Int.max
        while attempts < ColumnKeys.attemptCountMax {
            do {
                return try work(self)
            } catch let missing as NotReady {
                let count = missing.owners.count + missing.newcomers.count
                // More people than there is room for: those who are done need their keys no more.
                attempts = count < last ? 0 : attempts + 1
                last = count
                try await wait(for: missing)
            }
        }
        throw RecordingError.unavailable(
            "the keys of the people concerned could not be held long enough; nothing was handed out, try again")
    }
}
