public import VestigePolicy
public import VestigeVault

/// Personal values of a host's own tables: sealed under the key of the person they are about, found again by what they equal, gone with one
/// erasure wherever a copy of them lies.
///
/// ```swift
/// let values = vestige.values
/// let phone = try await values.seal("+49 30 901820", for: ana, field: "phone")    // a BLOB column
/// let people = try await values.find("email", of: "user", equals: "Ana@Example.org")
/// let record = try await values.opened([row], only: ["name"])                     // a record with ``Sealed`` columns
/// ```
/// Fields are those of the policy's record types; the record is the person's own type unless `of` says otherwise. Nothing here is recorded: it
/// is for what a host reads for itself. What somebody gets to see comes from a ``RecordedStore`` or a recorded database, which open by themselves.
public struct PersonalValues: Sendable {
    let policy: Policy
    let vault: Vault

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
    ///
    /// - Returns: who has no key: erased, or not known.
    @discardableResult
    public func load(_ people: [SubjectID]) async throws -> Set<SubjectID> { try await vault.load(people) }

    /// As ``open(_:as:for:field:of:)`` without waiting.
    ///
    /// - Throws: ``VestigeVault/VaultError/keyNotLoaded`` for whoever was not loaded or is erased: open with `await` to be told which.
    public func openAtOnce<Value: Decodable>(
        _ sealed: SealedValue, as value: Value.Type = String.self, for subject: SubjectID, field: String, of type: String? = nil
    ) throws -> Value {
        try vault.openAtOnce(sealed, as: value, for: subject, field: try name(field, of: type ?? subject.type))
    }

    // MARK: What the policy says

    /// `<type>.<field>`, under which the vault knows the field.
    func name(_ field: String, of type: String) throws(RecordingError) -> String {
        guard let record = policy.records[type] else {
            throw .unusableField(type: type, field: field, problem: "the policy declares no such record type")
        }
        guard record.isPersonal(field: field) else {
            throw .unusableField(type: type, field: field, problem: "it is not personal, so there is no key to seal it under")
        }
        return "\(type).\(field)"
    }

    func searchable(_ field: String, of type: String) throws(RecordingError) -> SearchableField {
        _ = try name(field, of: type)
        guard let rule = policy.records[type]?.fields[field], rule.isSearchable else {
            throw .unusableField(type: type, field: field, problem: "the policy does not say searchable: true")
        }
        return SearchableField(type: type, field: field, normalisation: rule.normalisation)
    }

    /// - Throws: if nothing is left that could be compared.
    static func form(of value: String, _ field: SearchableField) throws(RecordingError) -> [UInt8] {
        let form = field.normalisation.form(of: value)
        guard !form.isEmpty else {
            throw .unusableField(type: field.type, field: field.field, problem: "nothing of the value counts when values are compared")
        }
        return form
    }
}

/// A field that people are found by, and the form in which its values are compared.
struct SearchableField {
    let type: String
    let field: String
    let normalisation: Normalisation

    /// Under which the vault knows the field.
    var name: String { "\(type).\(field)" }
}
