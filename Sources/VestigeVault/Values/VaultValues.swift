import VestigeCrypto

/// Values of the host's own database under the keys of the people they are about: one erasure reaches them too, wherever they were copied.
extension Vault {
    /// Seals `value` for a person, who is admitted if unknown; durable before it returns.
    ///
    /// A `String` and `[UInt8]` are sealed as they are, anything else as JSON.
    ///
    /// - Parameters:
    ///   - subject: any of the person's identifiers. Opening takes one of them again.
    ///   - field: 1 to 256 bytes, such as `user.email`; a value does not open under another one.
    /// - Throws: ``VaultError/personErased``, ``VaultError/invalidField``, ``VaultError/valueNotEncodable``.
    public func seal<Value: Encodable & Sendable>(
        _ value: Value, for subject: SubjectID, field: String
    ) async throws -> SealedValue {
        try SealedValue.check(field: field)
        let plaintext = try ValueCoding.encode(value)
        if let person = loaded(subject), let sealed = seal(plaintext, person, field) { return sealed }
        for _ in 0..<Self.attemptCountMax {
            guard case .active(let pseudonym) = try await admit(subject, as: .subject) else { throw VaultError.personErased }
            if let person = cache.person(pseudonym), let sealed = seal(plaintext, person, field) { return sealed }
        }
        throw VaultError.unsettled
    }

    /// As ``seal(_:for:field:)`` without waiting, about 2 µs: only if the person's key is in locked memory and certain to be current.
    ///
    /// - Throws: ``VaultError/keyNotLoaded``: ``load(_:)-swift.method`` the people first, or seal with `await`.
    public func sealAtOnce<Value: Encodable>(_ value: Value, for subject: SubjectID, field: String) throws(VaultError) -> SealedValue {
        try SealedValue.check(field: field)
        let plaintext = try ValueCoding.encode(value)
        guard let person = loaded(subject), let sealed = seal(plaintext, person, field) else { throw .keyNotLoaded }
        return sealed
    }

    /// Opens what ``seal(_:for:field:)`` gave. Mints nobody.
    ///
    /// - Returns: ``OpenedValue/erased`` if the vault holds no key for this person: not an error, since rows of erased people stay in a
    ///   host's database and its backups.
    /// - Throws: ``VaultError/valueDamaged`` for a value of another person, field, vault or type, or one sealed before the person was
    ///   erased and readmitted; ``VaultError/invalidField``.
    public func open<Value: Decodable & Sendable>(
        _ sealed: SealedValue, as type: Value.Type = Value.self, for subject: SubjectID, field: String
    ) async throws -> OpenedValue<Value> {
        try SealedValue.check(field: field)
        if let person = loaded(subject), let plaintext = try open(sealed, person, field) {
            return .value(try ValueCoding.decode(plaintext, as: type))
        }
        for _ in 0..<Self.attemptCountMax {
            guard case .admitted(let admitted) = try await known([subject])[0] else { return .erased }
            if let person = cache.person(admitted.pseudonym), let plaintext = try open(sealed, person, field) {
                return .value(try ValueCoding.decode(plaintext, as: type))
            }
        }
        throw VaultError.unsettled
    }

    /// As ``open(_:as:for:field:)`` without waiting, for pages of rows whose people were loaded before.
    ///
    /// - Throws: ``VaultError/keyNotLoaded`` too, which is also what an erased person gives: open with `await` to be told which.
    public func openAtOnce<Value: Decodable>(
        _ sealed: SealedValue, as type: Value.Type = Value.self, for subject: SubjectID, field: String
    ) throws(VaultError) -> Value {
        try SealedValue.check(field: field)
        guard let person = loaded(subject), let plaintext = try open(sealed, person, field) else { throw .keyNotLoaded }
        return try ValueCoding.decode(plaintext, as: type)
    }

    /// Brings the keys of people into locked memory, in as few reads as can be, before a page of their values is opened or sealed. Mints
    /// nobody; whoever is unknown or erased is passed over. More than fit push out the ones used longest ago.
    public func load(_ people: [SubjectID]) async throws { _ = try await known(people) }

    private func known(_ people: [SubjectID]) async throws -> [Admission] {
        try await settle(people.map { AdmissionRequest(name: keys.name($0, .subject), subject: $0, owner: nil, mints: false) })
    }

    /// A key that is wiped, or no longer certain to be current, between loading and use is loaded again.
    private static let attemptCountMax = 10

    private func loaded(_ subject: SubjectID) -> KeyCache.Person? { cache.person(keys.name(subject, .subject)) }

    private func seal(_ bytes: [UInt8], _ person: KeyCache.Person, _ field: String) -> SealedValue? {
        guard let slot = person.slot else { return nil }
        let aad = AssociatedData.value(vault: id, field: field, person.pseudonym)
        let sealed = cache.slab.withKey(slot) { CommittedBox.seal(bytes, key: $0, aad: aad, prefix: [SealedValue.version]) }
        return sealed.map(SealedValue.init(sealed:))
    }

    private func open(_ sealed: SealedValue, _ person: KeyCache.Person, _ field: String) throws(VaultError) -> [UInt8]? {
        guard let slot = person.slot else { return nil }
        let aad = AssociatedData.value(vault: id, field: field, person.pseudonym)
        let opened = cache.slab.withKey(slot) { key in
            Result<[UInt8], CryptoError> { () throws(CryptoError) in
                try CommittedBox.open(sealed.bytes.dropFirst(), key: key, aad: aad)
            }
        }
        switch opened {
        case .success(let plaintext): return plaintext
        case .failure: throw .valueDamaged
        case nil: return nil
        }
    }
}
