public import VestigeCrypto

/// What the vault keeps about holds, numbers, and how far it has seen its trail.
extension Vault {
    /// Sets or releases a legal hold on a person's active keys.
    ///
    /// - Returns: false if the vault holds no active key of theirs in these roles.
    @discardableResult
    public func setHold(_ held: Bool, on subject: SubjectID, roles: [KeyRole] = [.subject, .acting]) async throws -> Bool {
        let pseudonyms = try await activePseudonyms(of: subject, roles)
        if !pseudonyms.isEmpty { try await store.setHeld(held, on: pseudonyms) }
        return !pseudonyms.isEmpty
    }

    /// Whether a hold keeps any of these keys from being destroyed.
    public func isHeld(_ subject: SubjectID, roles: [KeyRole] = [.subject, .acting]) async throws -> Bool {
        let pseudonyms = try await activePseudonyms(of: subject, roles)
        return pseudonyms.isEmpty ? false : try await store.keys(pseudonyms).contains { $0?.held == true }
    }

    /// Every active key that a hold keeps.
    public func heldPseudonyms() async throws -> Set<Pseudonym> { Set(try await store.heldPseudonyms()) }

    /// Sets or releases the hold on active keys; others are left alone.
    public func setHold(_ held: Bool, on pseudonyms: Set<Pseudonym>) async throws {
        var rest = pseudonyms.sorted()[...]
        while !rest.isEmpty {
            try await store.setHeld(held, on: Array(rest.prefix(vaultBatchCountMax)))
            rest = rest.dropFirst(vaultBatchCountMax)
        }
    }

    /// The active keys, subject and acting, of the person who bears this pseudonym; none if it is nobody's any more. Mints nobody.
    public func pseudonyms(ofPersonBearing pseudonym: Pseudonym) async throws -> Set<Pseudonym> {
        do {
            guard let person = try await resolve(pseudonym) else { return [] }
            return Set(try await activePseudonyms(of: person, [.subject, .acting]))
        } catch VaultError.rowDamaged {
            // Whose else it is cannot be read; a hold on this one key is better than none.
            return [pseudonym]
        }
    }

    /// Persons of role subject: those with a key, and those being erased or erased.
    public func counts() async throws -> (subjects: Int, erased: Int) {
        let counts = try await store.counts()
        return (counts.subjects, counts.erased)
    }

    /// Remembers how far the trail has been seen. Smaller numbers than the ones kept change nothing.
    ///
    /// - Parameters:
    ///   - checkpoint: the newest signed checkpoint, of `size` entries.
    ///   - replayedThrough: every entry with a lower seq had its erasures replayed.
    public func rememberTrail(checkpoint: String, size: UInt64, replayedThrough: UInt64) async throws {
        let trail = try await watermark().trail
        try await store.raiseWatermark(Watermark(trail: trail, checkpoint: checkpoint, size: size, replayedThrough: replayedThrough))
    }

    /// How far the trail had been seen when the vault was last told.
    public func watermark() async throws -> Watermark {
        guard let meta = try await store.meta() else { throw VaultError.storeEmpty }
        return meta.watermark
    }

    /// Binds the vault to a new trail, whose watermark begins at nothing. Only for an explicit recovery: it gives up the old trail's watermark.
    public func adoptTrail(_ trail: Bytes16) async throws { try await store.adoptTrail(trail) }

    private func activePseudonyms(of subject: SubjectID, _ roles: [KeyRole]) async throws -> [Pseudonym] {
        var pseudonyms: [Pseudonym] = []
        for role in Set(roles) {
            if case .active(let pseudonym) = try await standing(of: keys.name(subject, role)) { pseudonyms.append(pseudonym) }
        }
        return pseudonyms
    }
}
