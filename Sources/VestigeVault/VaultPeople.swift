public import VestigeCrypto

/// People: who is known, who is let in, whose pseudonym this is.
extension Vault {
    /// What the vault knows of a person. Mints nobody.
    public func standing(of subject: SubjectID, as role: KeyRole) async throws -> Standing {
        try await freshen()
        return try await standing(of: keys.name(subject, role))
    }

    /// The standing without any waiting: only if the key is in locked memory and the last look at the store's epoch is under a second old.
    public func cachedStanding(of subject: SubjectID, as role: KeyRole) -> Standing? {
        cache.person(keys.name(subject, role)).map { .active($0.pseudonym) }
    }

    /// The person's pseudonym, minted if the vault does not know them; durable when it returns. Their key is then in locked memory.
    ///
    /// - Returns: never ``Standing/unknown``; ``Standing/erased`` for whoever is erased, being erased or fenced: they are not minted anew.
    public func admit(_ subject: SubjectID, as role: KeyRole) async throws -> Standing {
        if let cached = cachedStanding(of: subject, as: role) { return cached }
        return try await admit([(subject, role)])[0]
    }

    /// As ``admit(_:as:)`` for many, in as few commits as can be. Answers in the order of `people`.
    public func admit(_ people: [(SubjectID, KeyRole)]) async throws -> [Standing] {
        let requests = people.map { AdmissionRequest(name: keys.name($0.0, $0.1), subject: $0.0, owner: nil) }
        return try await settle(requests).map { admission in
            switch admission {
            case .admitted(let person): .active(person.pseudonym)
            case .erased: .erased
            case .unknown: .unknown
            }
        }
    }

    /// The random handle that stands for a record's id, minted if there is none; durable when it returns.
    ///
    /// - Parameter subject: whom the record is about; the handle goes when they are erased. They are admitted if unknown.
    /// - Returns: `nil` if that person, or the handle itself, is erased.
    public func handle(forRecord type: String, id: String, of subject: SubjectID?) async throws -> Bytes16? {
        let record = try SubjectID(type: type, id: id)
        let name = keys.name(record, .recordHandle)
        var owner = Bytes16.zero
        if let subject {
            let request = AdmissionRequest(name: keys.name(subject, .subject), subject: subject, owner: nil)
            guard case .admitted(let person) = try await settle([request])[0], let locator = person.locator else { return nil }
            owner = locator
        }
        if let cached = cache.person(name), owner == .zero || cached.locator != .zero { return cached.pseudonym }
        guard case .admitted(let handle) = try await settle([AdmissionRequest(name: name, subject: record, owner: owner)])[0] else {
            return nil
        }
        return handle.pseudonym
    }

    /// The handle of a record, if it is in memory and belongs to somebody where `hasOwner` says that it must.
    public func cachedHandle(forRecord record: SubjectID, hasOwner: Bool) -> Bytes16? {
        guard let cached = cache.person(keys.name(record, .recordHandle)), !hasOwner || cached.locator != .zero else { return nil }
        return cached.pseudonym
    }

    /// The standing of a record's handle. Mints nothing.
    public func standingOfHandle(forRecord type: String, id: String) async throws -> Standing {
        try await freshen()
        return try await standing(of: keys.name(try SubjectID(type: type, id: id), .recordHandle))
    }

    /// The pseudonym of everybody without an id in one calendar month.
    ///
    /// - Parameter month: `YYYY-MM`, UTC.
    /// - Throws: ``VaultError/invalidMonth``; ``VaultError/unknownPseudonym`` if that month's key was destroyed.
    public func visitor(month: String) async throws -> Pseudonym {
        let form = Array(month.utf8)
        guard form.count == 7, form[4] == 45, form.enumerated().allSatisfy({ $0.offset == 4 || (48...57).contains($0.element) }) else {
            throw VaultError.invalidMonth
        }
        guard case .active(let pseudonym) = try await admit(SubjectID(type: "visitor", id: month), as: .visitor) else {
            throw VaultError.unknownPseudonym
        }
        return pseudonym
    }

    /// Who a pseudonym is; `nil` if erased or unknown.
    ///
    /// - Throws: ``VaultError/rowDamaged(_:)`` if key row and directory row do not belong together.
    public func resolve(_ pseudonym: Pseudonym) async throws -> SubjectID? {
        try await Self.rereading { try await owner(of: pseudonym) }
    }

    /// What somebody is known as under a pseudonym, erased or not; `nil` if it is nobody's.
    public func role(of pseudonym: Pseudonym) async throws -> KeyRole? { try await store.keys([pseudonym])[0]?.role }

    private func owner(of pseudonym: Pseudonym) async throws -> SubjectID? {
        let ticket = cache.ticket()
        defer { withExtendedLifetime(ticket) {} }
        guard let row = try await store.keys([pseudonym])[0], row.state == .active, let identity = try identity(of: row) else { return nil }
        let answer = try await store.directory([keys.name(identity.subject, row.role)])[0]
        switch answer {
        case .row(let directory):
            guard directory.locator == identity.locator, try keys.pseudonym(of: directory) == pseudonym else {
                throw VaultError.rowDamaged("directory")
            }
            return identity.subject
        case .fenced, .nothing:
            // Erased since the key row was read, or a row is missing.
            guard let again = try await store.keys([pseudonym])[0], again.state == .active else { return nil }
            throw VaultError.rowDamaged("directory")
        }
    }

    /// Whether a fence keeps this identifier out: erased, and the fence not over.
    public func isFenced(_ subject: SubjectID, as role: KeyRole) async throws -> Bool {
        guard case .fenced(let until) = try await store.directory([keys.name(subject, role)])[0] else { return false }
        return until >= today()
    }

    /// Lets a person back in who was erased and has returned: the next ``admit(_:as:)`` mints a new pseudonym.
    ///
    /// Only this identifier: others that were linked to it stay fenced until they are readmitted and linked again. What was sealed for the
    /// person before does not open under the new key.
    public func readmit(_ subject: SubjectID, as roles: [KeyRole]) async throws {
        try await store.removeFences(roles.map { keys.name(subject, $0) })
    }

    /// Opens what a key row says about its owner; `nil` if the key is gone. Whoever calls it holds a ticket from before the row was read.
    func identity(of row: KeyRow) throws(VaultError) -> Identity? {
        guard let sealed = row.identity else { return nil }
        // An erasure of somebody else may wipe the key between loading and use.
        for _ in 0..<5 {
            cache.makeRoom(for: 1)
            guard let slot = try keys.load(row, into: cache.slab) else { return nil }
            defer { cache.slab.wipe(slot) }
            let identity = cache.slab.withKey(slot) { key in
                Result<Identity, VaultError> { () throws(VaultError) in
                    try Identity(opening: sealed, with: key, row.pseudonym, row.role)
                }
            }
            if let identity { return try identity.get() }
        }
        throw .unsettled
    }

    func standing(of name: DirectoryKey) async throws -> Standing {
        if let cached = cache.person(name) { return .active(cached.pseudonym) }
        return try await Self.rereading { try await readStanding(of: name) }
    }

    private func readStanding(of name: DirectoryKey) async throws -> Standing {
        switch try await store.directory([name])[0] {
        case .nothing: return .unknown
        case .fenced(let until): return until < today() ? .unknown : .erased
        case .row(let row):
            let pseudonym = try keys.pseudonym(of: row)
            if name.role == .recordHandle { return .active(pseudonym) }
            guard let key = try await store.keys([pseudonym])[0] else { throw VaultError.rowDamaged("directory") }
            return key.state == .active ? .active(pseudonym) : .erased
        }
    }

    /// Cached people at once, the others through the queue; in the order of `requests`.
    func settle(_ requests: [AdmissionRequest]) async throws -> [Admission] {
        try await freshen()
        var answers: [Admission?] = requests.map { request in
            guard let person = cache.person(request.name), (request.owner ?? .zero) == .zero || person.locator != .zero else { return nil }
            return .admitted(person)
        }
        var open = answers.indices.filter { answers[$0] == nil }[...]
        while !open.isEmpty {
            let batch = open.prefix(admissions.batchCountMax)
            open = open.dropFirst(batch.count)
            for (position, result) in zip(batch, await admissions.admit(batch.map { requests[$0] })) {
                answers[position] = try result.get()
            }
        }
        return answers.compactMap { $0 }
    }
}
