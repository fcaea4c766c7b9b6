public import VestigeCrypto

/// Destroying keys, step by step (design §5). Steps 2 and 6 write entries, which is not the vault's business:
/// begin (1) → `erasure.started` (2) → destroy (3, 4) → probe (5) → `erasure.completed`, finish (6). Each step may be repeated.
extension Vault {
    /// Step 1: marks a person's keys; from here none is handed out. Durable on return.
    ///
    /// - Parameters:
    ///   - roles: a role without a key is fenced with the others, so that no later act makes one.
    ///   - started: the id for the entry `erasure.started`; `completed` likewise; `erasure` the id of the erasure itself.
    ///   - fenceUntil: the last day of such a fence, as for ``destroyKeys(_:fenceUntil:)``.
    ///   - deferring: the day on which the acting key is to be destroyed, which stays until then; set in the same commit. Whoever has none
    ///     is fenced in that role.
    /// - Returns: `nil` if the vault holds no key of this person in these roles. If one of the keys is being erased already, the ticket of
    ///   that erasure: finish it, then ask again for the rest.
    /// - Throws: ``VaultError/held`` if any key of the person is held, in whatever role; nothing was marked.
    public func beginErasure(
        of subject: SubjectID, roles: [KeyRole], started: Bytes16, completed: Bytes16, erasure: Bytes16, fenceUntil: Int = 0,
        deferring: Int? = nil
    ) async throws -> ErasureTicket? {
        let roles = Set(roles).subtracting([.recordHandle])
        for await _ in Attempts() {
            let (rows, missing) = try await self.rows(of: roles.map { keys.name(subject, $0) })
            guard !rows.isEmpty else { return nil }
            let rest = Set([.subject, .acting]).subtracting(roles)
            let (others, otherMissing) = try await self.rows(of: rest.map { keys.name(subject, $0) })
            // A hold covers the person: a key that they got since, in the other role, does not bear it yet. An erasure that is under way is
            // finished, as it would be after a crash.
            if rows.allSatisfy({ $0.state == .active }), (rows + others).contains(where: \.held) { throw VaultError.held }
            // An acting key that is not there cannot wait for a day.
            let keyless = missing + (deferring == nil ? [] : otherMissing.filter { $0.name.role == .acting })
            var terms = ErasureTerms(fenced: keyless.map(\.name), fenceUntil: fenceUntil)
            if let deferring, let acting = others.first(where: { $0.role == .acting }) {
                terms.due = DueKey(pseudonym: acting.pseudonym, role: .acting, dueDay: deferring)
            }
            let row = ErasureRow(
                erasure: erasure, started: started, completed: completed,
                keys: rows.map { ErasedKey(role: $0.role, pseudonym: $0.pseudonym) })
            let fenced = fenceUntil > 0 ? keyless.filter { !$0.isFenced }.map(\.name.role).sorted() : []
            if let ticket = try await begin(row, with: terms, evenIfHeld: false, fenced: fenced) { return ticket }
        }
        throw VaultError.unsettled
    }

    /// A name that leads to no key.
    private struct MissingName {
        let name: DirectoryKey
        let isFenced: Bool
    }

    /// Keys that are not destroyed yet, and the names that lead to none.
    private func rows(of names: [DirectoryKey]) async throws -> (rows: [KeyRow], missing: [MissingName]) {
        let (wanted, missing) = try await Self.rereading {
            var (wanted, missing): ([Pseudonym], [MissingName]) = ([], [])
            for (name, answer) in zip(names, try await store.directory(names)) {
                switch answer {
                case .row(let row): wanted.append(try keys.pseudonym(of: row))
                case .fenced(let until): missing.append(MissingName(name: name, isFenced: until >= today()))
                case .nothing: missing.append(MissingName(name: name, isFenced: false))
                }
            }
            return (wanted, missing)
        }
        return (wanted.isEmpty ? [] : try await store.keys(wanted).compactMap { $0 }.filter { $0.state != .erased }, missing)
    }

    /// Step 1 for pseudonyms: replaying `erasure.started` from the trail, or a due day. A hold does not stop it unless `respectingHolds`.
    ///
    /// - Parameter role: for a pseudonym that the vault does not know, because its backup is older than the person; it is kept as erased.
    /// - Returns: `nil` if all of them are erased already.
    /// - Throws: ``VaultError/held``.
    public func beginErasure(
        of pseudonyms: [Pseudonym], role: KeyRole = .subject, started: Bytes16, completed: Bytes16, erasure: Bytes16,
        respectingHolds: Bool = false
    ) async throws -> ErasureTicket? {
        let pseudonyms = Array(Set(pseudonyms))
        for await _ in Attempts() {
            var wanted: [ErasedKey] = []
            var alreadyErased: [Pseudonym] = []
            for (pseudonym, row) in zip(pseudonyms, try await store.keys(pseudonyms)) {
                if row?.state == .erased {
                    alreadyErased.append(pseudonym)
                } else {
                    wanted.append(ErasedKey(role: row?.role ?? role, pseudonym: pseudonym))
                }
            }
            guard !wanted.isEmpty else { return nil }
            let row = ErasureRow(erasure: erasure, started: started, completed: completed, keys: wanted)
            let ticket = try await begin(
                row, with: ErasureTerms(), evenIfHeld: !respectingHolds, alreadyErased: alreadyErased.sorted())
            if let ticket { return ticket }
        }
        throw VaultError.unsettled
    }

    /// `nil` if what was read does not hold any more.
    private func begin(
        _ row: ErasureRow, with terms: ErasureTerms, evenIfHeld: Bool, alreadyErased: [Pseudonym] = [], fenced: [KeyRole] = []
    ) async throws -> ErasureTicket? {
        let outcome = try await store.beginErasure(row, with: terms, evenIfHeld: evenIfHeld)
        // After the commit: whoever reads from now on sees the mark, whoever read before finds their ticket void.
        cache.wipeAll()
        switch outcome {
        case .begun: return ErasureTicket(row, wasUnderWay: false, alreadyErased: alreadyErased, fenced: fenced)
        case .underWay(let other): return ErasureTicket(other, wasUnderWay: true, alreadyErased: alreadyErased)
        case .changed: return nil
        case .held: throw VaultError.held
        }
    }

    /// Steps 3 and 4: destroys keys, directory rows and handles, raises the epoch and tells every process. Cannot be undone.
    ///
    /// - Parameter fenceUntil: the last day, in days since 1970, on which these people are still refused; the last day of a calendar
    ///   quarter, since another one would point at the erasure's entry. 0: no fence.
    /// - Parameter telling: false where several erasures are carried out together: then ``tellOfDestruction()`` is called once after them.
    /// - Parameter whenDestroyed: called once the keys are gone from the store and before the processes are told; not called when an earlier
    ///   call destroyed them.
    /// - Throws: ``VaultError/erasureOutOfStep`` if the vault knows no such erasure; ``EpochError/unanswered(pids:)`` if a process did not
    ///   answer, then the keys are gone but the erasure stays under way: call it again.
    public func destroyKeys(
        _ ticket: ErasureTicket, fenceUntil: Int, telling: Bool = true, whenDestroyed: () -> Void = {}
    ) async throws {
        let epoch: UInt64
        let isFirst: Bool
        do {
            guard let row = try await store.pendingErasures().first(where: { $0.erasure == ticket.erasure }) else {
                throw VaultError.erasureOutOfStep
            }
            isFirst = row.step == .begun
            let locators = isFirst ? try await Self.rereading { try await self.locators(of: row.keys) } : []
            epoch = try await store.destroyKeys(erasure: row.erasure, locators: locators, fenceUntil: fenceUntil)
        } catch VaultError.erasureOutOfStep {
            // Somebody who carries out the same erasure finished it, before this call or in the middle of it.
            guard try await store.keys(ticket.pseudonyms).allSatisfy({ $0?.state == .erased }) else { throw VaultError.erasureOutOfStep }
            return
        }
        cache.wipeAll()
        if isFirst { whenDestroyed() }
        if telling { try await board.publish(epoch) }
    }

    /// Step 4 alone: returns once every process has forgotten what was destroyed before.
    ///
    /// - Throws: ``EpochError/unanswered(pids:)``
    public func tellOfDestruction() async throws { try await board.publish(try await store.epoch()) }

    /// Under which key-encryption key each key of an erasure is wrapped now. Destroyed keys are left out.
    public func wrapping(of ticket: ErasureTicket) async throws -> [ErasedKey: UInt32] {
        var wrapping: [ErasedKey: UInt32] = [:]
        for row in try await store.keys(ticket.pseudonyms) {
            if let row, let kek = row.kek { wrapping[ErasedKey(role: row.role, pseudonym: row.pseudonym)] = kek }
        }
        return wrapping
    }

    /// Step 5: tries to get at the destroyed keys by every way there is.
    ///
    /// - Throws: ``VaultError/stillOpens`` if one of them leads to a key or a name.
    public func probe(_ ticket: ErasureTicket) async throws {
        for row in try await store.keys(ticket.pseudonyms) {
            guard let row, row.state != .active, row.wrappedKey == nil, row.identity == nil else { throw VaultError.stillOpens }
        }
        for answer in try await fetch(ticket.pseudonyms) {
            if case .admitted = answer { throw VaultError.stillOpens }
        }
        guard ticket.pseudonyms.allSatisfy({ !cache.holds($0) }) else { throw VaultError.stillOpens }
    }

    /// Step 6: marks the keys erased and forgets the erasure; what stays is pseudonym, role and state.
    ///
    /// - Throws: ``VaultError/erasureOutOfStep`` if the keys are not destroyed.
    public func finishErasure(_ ticket: ErasureTicket) async throws { try await store.finishErasure(ticket.erasure) }

    /// Every erasure that was begun and not finished; to be resumed before anything is served.
    public func pendingErasures() async throws -> [ErasureTicket] {
        try await store.pendingErasures().map { ErasureTicket($0, wasUnderWay: true) }
    }

    /// Leaves a key alive until `dueDay` (days since 1970); an earlier day already set stays.
    ///
    /// - Returns: `nil` if there is no active key.
    public func deferErasure(of subject: SubjectID, role: KeyRole = .acting, dueDay: Int) async throws -> DueKey? {
        guard case .active(let pseudonym) = try await standing(of: keys.name(subject, role)) else { return nil }
        guard let day = try await store.setDue(dueDay, of: pseudonym) else { return nil }
        return DueKey(pseudonym: pseudonym, role: role, dueDay: day)
    }

    /// The day on which a key is to be destroyed; `nil` if none is set, or the key is gone.
    public func dueDay(of pseudonym: Pseudonym) async throws -> Int? { try await store.keys([pseudonym])[0]?.dueDay }

    /// Keys whose due day is `day` or earlier.
    public func dueErasures(on day: Int) async throws -> [DueKey] {
        try await store.dueKeys(on: day).compactMap { row in
            row.dueDay.map { DueKey(pseudonym: row.pseudonym, role: row.role, dueDay: $0, isHeld: row.held) }
        }
    }

    /// Removes the fences that have expired by today. Returns how many.
    public func expireFences() async throws -> Int { try await store.expireFences(before: today()) }

    /// Under which locators these people stand in the directory.
    private func locators(of wanted: [ErasedKey]) async throws -> [Bytes16] {
        let ticket = cache.ticket()
        defer { withExtendedLifetime(ticket) {} }
        var locators: Set<Bytes16> = []
        var unreadable: Set<Pseudonym> = []
        for row in try await store.keys(wanted.map(\.pseudonym)) {
            guard let row, row.wrappedKey != nil else { continue }
            do throws(VaultError) {
                if let identity = try identity(of: row) { locators.insert(identity.locator) }
            } catch {
                guard case .rowDamaged = error else { throw error }
                unreadable.insert(row.pseudonym)
            }
        }
        if !unreadable.isEmpty { locators.formUnion(try await locatorsByReadingTheDirectory(unreadable)) }
        locators.remove(.zero)
        return locators.sorted()
    }

    /// A damaged key row must not keep its owner from being erased: every directory row is opened to see where it leads.
    private func locatorsByReadingTheDirectory(_ wanted: Set<Pseudonym>) async throws -> Set<Bytes16> {
        var found: Set<Bytes16> = []
        var last: DirectoryKey?
        while true {
            let page = try await store.directoryPage(after: last, limit: vaultBatchCountMax)
            guard let end = page.last else { return found }
            for row in page {
                do throws(VaultError) {
                    if wanted.contains(try keys.pseudonym(of: row)) { found.insert(row.locator) }
                } catch {
                    guard case .rowDamaged = error else { throw error }
                }
            }
            last = end.key
        }
    }
}
