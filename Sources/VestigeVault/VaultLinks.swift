public import VestigeCrypto

/// One person, several identifiers: all of them lead to one pseudonym, and so to one key, one hold and one erasure.
extension Vault {
    /// Makes `a` and `b` identifiers of one person, durable on return. The order does not matter: whichever of them is known keeps its
    /// pseudonym and stays the first; if neither is, `a` does. Linking what is linked already changes nothing.
    ///
    /// Keys that the person does not have yet in these roles are made: otherwise the second identifier would get one of its own later.
    ///
    /// - Parameter roles: of subject and acting.
    /// - Returns: the person's pseudonym in each role.
    /// - Throws: ``VaultError/bothHaveKeys``, ``VaultError/personErased``, ``VaultError/linkedToItself``, ``VaultError/wrongRole``; nothing
    ///   was linked.
    @discardableResult
    public func link(
        _ a: SubjectID, _ b: SubjectID, roles: Set<KeyRole> = [.subject, .acting]
    ) async throws -> [KeyRole: Pseudonym] {
        guard a != b else { throw VaultError.linkedToItself }
        guard roles.isSubset(of: [.subject, .acting]) else { throw VaultError.wrongRole }
        for await _ in Attempts() {
            var shared: [KeyRole: Pseudonym] = [:]
            var missing: [(known: SubjectID, new: SubjectID, role: KeyRole)] = []
            for role in roles.sorted() {
                switch (try await standing(of: a, as: role), try await standing(of: b, as: role)) {
                case (.erased, _), (_, .erased): throw VaultError.personErased
                case (.active(let one), .active(let other)):
                    guard one == other else { throw VaultError.bothHaveKeys }
                    shared[role] = one
                case (.unknown, .active): missing.append((b, a, role))
                default: missing.append((a, b, role))
                }
            }
            let names = try await names(linking: missing)
            guard let names else { continue }
            for name in names { shared[name.directory.key.role] = name.pseudonym }
            do {
                if names.isEmpty { return shared }
                if try await store.link(names, today: today()) { return shared }
                // Somebody minted, erased or linked meanwhile: what is cached here may be too old.
                cache.wipeAll()
            } catch VaultError.kekChanged(let current) {
                try keys.useKEK(current)
            }
        }
        throw VaultError.unsettled
    }

    /// Every identifier of the person who has this one: the first of each role, then those that were linked, sorted. Just the one if
    /// nothing was linked; none if the person is unknown or erased.
    ///
    /// - Throws: ``VaultError/rowDamaged(_:)``.
    public func identifiers(of subject: SubjectID) async throws -> [SubjectID] {
        var firsts: [SubjectID] = []
        var linked: Set<SubjectID> = []
        for role in [KeyRole.subject, .acting] {
            guard case .active(let pseudonym) = try await standing(of: subject, as: role) else { continue }
            guard let found = try await Self.rereading({ try await identifiers(of: pseudonym) }) else { continue }
            if !firsts.contains(found.first) { firsts.append(found.first) }
            linked.formUnion(found.linked)
        }
        return firsts + linked.subtracting(firsts).sorted(by: SubjectID.precedes)
    }

    /// `nil` if the key is gone.
    private func identifiers(of pseudonym: Pseudonym) async throws -> (first: SubjectID, linked: [SubjectID])? {
        let ticket = cache.ticket()
        defer { withExtendedLifetime(ticket) {} }
        guard let row = try await store.keys([pseudonym])[0], row.state == .active, let identity = try identity(of: row) else { return nil }
        let links = try await store.links(at: identity.locator)
        guard !links.isEmpty else { return (identity.subject, []) }
        cache.makeRoom(for: 1)
        guard let slot = try keys.load(row, into: cache.slab) else { return nil }
        defer { cache.slab.wipe(slot) }
        var linked: [SubjectID] = []
        for link in links {
            let opened = cache.slab.withKey(slot) { key in
                Result<SubjectID, VaultError> { () throws(VaultError) in try LinkedIdentifier.open(link, with: key, pseudonym) }
            }
            guard let opened else { throw VaultError.unsettled }
            let identifier = try opened.get()
            guard keys.name(identifier, link.key.role) == link.key else { throw VaultError.rowDamaged("link") }
            linked.append(identifier)
        }
        return (identity.subject, linked)
    }

    /// The rows for what is missing; `nil` if a key went away meanwhile.
    private func names(linking missing: [(known: SubjectID, new: SubjectID, role: KeyRole)]) async throws -> [LinkedName]? {
        let requests = missing.map { AdmissionRequest(name: keys.name($0.known, $0.role), subject: $0.known, owner: nil) }
        var names: [LinkedName] = []
        for (place, admission) in zip(missing, try await settle(requests)) {
            guard case .admitted(let person) = admission, let locator = person.locator, let slot = person.slot else { return nil }
            let name = keys.name(place.new, place.role)
            let directory = try keys.directoryRow(name, leadingTo: person.pseudonym, locator: locator)
            let sealed = cache.slab.withKey(slot) { LinkedIdentifier.seal(place.new, under: $0, name, person.pseudonym) }
            guard let sealed else { return nil }
            names.append(LinkedName(directory: directory, sealedIdentifier: sealed, pseudonym: person.pseudonym))
        }
        return names
    }
}
