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
        for await _ in Attempts() {
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
    /// - Throws: ``VaultError/valueUnderAnotherKey`` for a value of another person, field or vault, a changed one, or one sealed before the
    ///   person was erased and came back; ``VaultError/valueDamaged`` for one of another type; ``VaultError/invalidField``.
    public func open<Value: Decodable & Sendable>(
        _ sealed: SealedValue, as type: Value.Type = Value.self, for subject: SubjectID, field: String
    ) async throws -> OpenedValue<Value> {
        try SealedValue.check(field: field)
        if let person = loaded(subject), let plaintext = try open(sealed, person, field) {
            return .value(try ValueCoding.decode(plaintext, as: type))
        }
        for await _ in Attempts() {
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
    /// nobody. More than fit push out the ones used longest ago.
    ///
    /// - Returns: who has no key: erased, being erased, or not known.
    @discardableResult
    public func load(_ people: [SubjectID]) async throws -> Set<SubjectID> {
        var without: Set<SubjectID> = []
        for (subject, admission) in zip(people, try await known(people)) {
            if case .admitted = admission { continue }
            without.insert(subject)
        }
        return without
    }

    /// Somebody whose key is in locked memory, for several of their values in a row; nil where it is not, or not certain to be current.
    package func loadedPerson(_ subject: SubjectID) -> LoadedPerson? {
        loaded(subject).map { LoadedPerson(vault: self, pseudonym: $0.pseudonym) }
    }

    private func known(_ people: [SubjectID]) async throws -> [Admission] {
        try await settle(people.map { AdmissionRequest(name: keys.name($0, .subject), subject: $0, owner: nil, mints: false) })
    }

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
        case .failure: throw .valueUnderAnotherKey
        case nil: return nil
        }
    }

    /// The person is looked up once; that their key is still there and current is asked each time.
    package struct LoadedPerson: Sendable {
        fileprivate let vault: Vault
        fileprivate let pseudonym: Pseudonym

        /// - Throws: as ``Vault/openAtOnce(_:as:for:field:)``.
        package func open<Value: Decodable>(_ sealed: SealedValue, as type: Value.Type, field: String) throws(VaultError) -> Value {
            try SealedValue.check(field: field)
            guard let person = vault.cache.person(pseudonym), let plaintext = try vault.open(sealed, person, field) else {
                throw .keyNotLoaded
            }
            return try ValueCoding.decode(plaintext, as: type)
        }

        /// - Throws: as ``Vault/sealAtOnce(_:for:field:)``.
        package func seal<Value: Encodable>(_ value: Value, field: String) throws(VaultError) -> SealedValue {
            try SealedValue.check(field: field)
            let plaintext = try ValueCoding.encode(value)
            guard let person = vault.cache.person(pseudonym), let sealed = vault.seal(plaintext, person, field) else { throw .keyNotLoaded }
            return sealed
        }
    }
}
