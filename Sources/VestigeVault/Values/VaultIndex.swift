import VestigeCrypto

/// The blind index: finding people by what a field of theirs equals, without any value of theirs being readable.
///
/// Values are bytes, already brought into the form in which they are compared (the vault knows no policy). Tokens of equal values are equal:
/// whoever has the vault's file, without its keys, sees how many people share a value, not which.
extension Vault {
    /// The longest value that is indexed: 4,096 bytes.
    public static let indexValueByteCountMax = 4_096

    /// Makes a person findable by `value`, durable on return; they are admitted if unknown. Doing it twice changes nothing.
    ///
    /// - Throws: ``VaultError/personErased``, ``VaultError/invalidField``, ``VaultError/invalidIndexValue(byteCount:)``.
    public func index(_ value: [UInt8], for subject: SubjectID, field: String) async throws {
        try await reindex(from: nil, to: value, for: subject, field: field)
    }

    /// Makes a person no longer findable by `value`. Without effect if they never were, or are erased.
    public func unindex(_ value: [UInt8], for subject: SubjectID, field: String) async throws {
        try await reindex(from: value, to: nil, for: subject, field: field)
    }

    /// Replaces one value by another in one commit; `nil` stands for none.
    ///
    /// - Throws: ``VaultError/personErased`` if there is something to add, ``VaultError/invalidField``,
    ///   ``VaultError/invalidIndexValue(byteCount:)``; nothing was written.
    public func reindex(from old: [UInt8]?, to new: [UInt8]?, for subject: SubjectID, field: String) async throws {
        let removed = try old.map { try keys.blindToken(field: field, value: $0) }
        let added = try new.map { try keys.blindToken(field: field, value: $0) }
        guard removed != nil || added != nil else { return }
        for _ in 0..<5 {
            let request = AdmissionRequest(name: keys.name(subject, .subject), subject: subject, owner: nil, mints: added != nil)
            guard case .admitted(let person) = try await settle([request])[0], let locator = person.locator else {
                if added == nil { return }
                throw VaultError.personErased
            }
            do {
                let row = try added.map { try keys.blindRow(BlindKey(token: $0, locator: locator), leadingTo: person.pseudonym) }
                let gone = removed == added ? nil : removed.map { BlindKey(token: $0, locator: locator) }
                let written = try await store.reindex(
                    person.pseudonym, removing: gone.map { [$0] } ?? [], adding: row.map { [$0] } ?? [])
                if written { return }
                // Another process has begun an erasure; what is cached here is too old.
                cache.wipeAll()
            } catch VaultError.kekChanged(let current) {
                try keys.useKEK(current)
            }
        }
        throw VaultError.unsettled
    }

    /// Everybody who was indexed with this value, each by their first identifier, sorted; erased people are gone from it.
    ///
    /// It reads every match: a family name that a hundred thousand share gives them all.
    ///
    /// - Throws: ``VaultError/invalidField``, ``VaultError/invalidIndexValue(byteCount:)``, ``VaultError/rowDamaged(_:)``.
    public func find(field: String, equals value: [UInt8]) async throws -> [SubjectID] {
        let token = try keys.blindToken(field: field, value: value)
        var found: [SubjectID] = []
        var last: Bytes16?
        while true {
            let after = last
            // A rotation may give up a KEK between the reading of a row and its opening.
            let page = try await Self.rereading { try await people(with: token, after: after) }
            found += page.people
            guard let end = page.end else { return found.sorted(by: SubjectID.precedes) }
            last = end
        }
    }

    /// One page of matches; `end` is where the next one begins, `nil` after the last.
    private func people(with token: Bytes32, after locator: Bytes16?) async throws -> (people: [SubjectID], end: Bytes16?) {
        let ticket = cache.ticket()
        defer { withExtendedLifetime(ticket) {} }
        let page = try await store.blindRows(token, after: locator, limit: vaultBatchCountMax)
        let pseudonyms = try page.map { row throws(VaultError) in try keys.pseudonym(of: row) }
        var people: [SubjectID] = []
        for (row, key) in zip(page, try await store.keys(pseudonyms)) {
            guard let key, key.state == .active, let identity = try identity(of: key) else { continue }
            guard identity.locator == row.key.locator else { throw VaultError.rowDamaged("blind index") }
            people.append(identity.subject)
        }
        return (people, page.last?.key.locator)
    }
}

extension SubjectID {
    /// By the bytes of type and id.
    static func precedes(_ left: SubjectID, _ right: SubjectID) -> Bool {
        guard left.type == right.type else { return left.type.utf8.lexicographicallyPrecedes(right.type.utf8) }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}
