public import VestigePolicy
public import VestigeVault

/// Personal values of a host's own tables: sealed under the key of the person they are about, found again by what they equal, gone with one
/// erasure wherever a copy of them lies.
///
/// ```swift
/// let values = PersonalValues(policy: vestige.policy, vault: vestige.vault)
/// let email = try await values.seal("ana@example.org", for: ana, field: "email", replacing: nil)    // a BLOB column
/// let people = try await values.find("email", of: "user", equals: "Ana@Example.org")
/// ```
/// Fields are those of the policy's record types; the record is the person's own type unless `of` says otherwise.
public struct PersonalValues: Sendable {
    private let policy: Policy
    private let vault: Vault

    public init(policy: Policy, vault: Vault) {
        self.policy = policy
        self.vault = vault
    }

    // MARK: Columns

    /// Seals a value for a person, who is admitted if unknown. See ``VestigeVault/Vault/seal(_:for:field:)``.
    ///
    /// - Throws: ``RecordingError/unusableField(type:field:problem:)`` if the policy declares no such record, or the field as not personal;
    ///   ``VestigeVault/VaultError/personErased`` and others of the vault.
    public func seal<Value: Encodable & Sendable>(
        _ value: Value, for subject: SubjectID, field: String, of type: String? = nil
    ) async throws -> SealedValue {
        try await vault.seal(value, for: subject, field: try name(field, of: type ?? subject.type))
    }

    /// Opens a value; ``VestigeVault/OpenedValue/erased`` once the person is. See ``VestigeVault/Vault/open(_:as:for:field:)``.
    public func open<Value: Decodable & Sendable>(
        _ sealed: SealedValue, as value: Value.Type = String.self, for subject: SubjectID, field: String, of type: String? = nil
    ) async throws -> OpenedValue<Value> {
        try await vault.open(sealed, as: value, for: subject, field: try name(field, of: type ?? subject.type))
    }

    /// Brings the keys of a page's people into memory, in as few reads as can be, so that ``openAtOnce(_:as:for:field:of:)`` finds them.
    public func load(_ people: [SubjectID]) async throws { try await vault.load(people) }

    /// As ``open(_:as:for:field:of:)`` without waiting.
    ///
    /// - Throws: ``VestigeVault/VaultError/keyNotLoaded`` for whoever was not loaded or is erased: open with `await` to be told which.
    public func openAtOnce<Value: Decodable>(
        _ sealed: SealedValue, as value: Value.Type = String.self, for subject: SubjectID, field: String, of type: String? = nil
    ) throws -> Value {
        try vault.openAtOnce(sealed, as: value, for: subject, field: try name(field, of: type ?? subject.type))
    }

    // MARK: Searchable columns

    /// Seals the new value of a searchable field and makes the person findable by it instead of by `old`; `nil` for a first value.
    ///
    /// The index is durable before this returns. If the host's own write fails afterwards, ``find(_:of:equals:)`` names a person too many:
    /// compare with what the row says, or ``unindex(_:for:field:of:)``.
    ///
    /// - Throws: as ``seal(_:for:field:of:)``; ``RecordingError/unusableField(type:field:problem:)`` if the field is not `searchable`, or if nothing
    ///   of the value is left once it is normalised.
    public func seal(
        _ value: String, for subject: SubjectID, field: String, of type: String? = nil, replacing old: String?
    ) async throws -> SealedValue {
        let searchable = try searchable(field, of: type ?? subject.type)
        // Sealed first: it refuses the erased before anything is indexed.
        let form = try Self.form(of: value, searchable)
        let oldForm = old.map(searchable.normalisation.form(of:)).flatMap { $0.isEmpty ? nil : $0 }
        let sealed = try await vault.seal(value, for: subject, field: searchable.name)
        try await vault.reindex(from: oldForm, to: form, for: subject, field: searchable.name)
        return sealed
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

    // MARK: What the policy says

    /// `<type>.<field>`, under which the vault knows the field.
    private func name(_ field: String, of type: String) throws(RecordingError) -> String {
        guard let record = policy.records[type] else {
            throw .unusableField(type: type, field: field, problem: "the policy declares no such record type")
        }
        guard record.isPersonal(field: field) else {
            throw .unusableField(type: type, field: field, problem: "it is not personal, so there is no key to seal it under")
        }
        return "\(type).\(field)"
    }

    private func searchable(_ field: String, of type: String) throws(RecordingError) -> SearchableField {
        _ = try name(field, of: type)
        guard let rule = policy.records[type]?.fields[field], rule.isSearchable else {
            throw .unusableField(type: type, field: field, problem: "the policy does not say searchable: true")
        }
        return SearchableField(type: type, field: field, normalisation: rule.normalisation)
    }

    /// - Throws: if nothing is left that could be compared.
    private static func form(of value: String, _ field: SearchableField) throws(RecordingError) -> [UInt8] {
        let form = field.normalisation.form(of: value)
        guard !form.isEmpty else {
            throw .unusableField(type: field.type, field: field.field, problem: "nothing of the value counts when values are compared")
        }
        return form
    }
}

private struct SearchableField {
    let type: String
    let field: String
    let normalisation: Normalisation

    /// Under which the vault knows the field.
    var name: String { "\(type).\(field)" }
}

extension SubjectRule {
    /// The type of the person whom a record is about, where it is another record.
    fileprivate var personType: String? {
        if case .field(let type, _) = self { type } else { nil }
    }
}
