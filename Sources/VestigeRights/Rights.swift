public import VestigeCore
import VestigeCrypto
public import VestigeDesk
import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// Carries out the rights of the people concerned.
public struct Rights: Sendable {
    let recorder: Recorder
    let policy: Policy
    let vault: Vault
    let trail: Trail
    let desk: any DeskStore
    let clock: Clock
    /// The trails that this one goes on from, the newest first: holds may have been placed there.
    let older: [Trail]

    /// - Parameters:
    ///   - desk: keeps the sealed files of erasures and their certificates.
    ///   - older: the trails that this one goes on from, the newest first. Their holds stand until this one says that they ended.
    public init(
        recorder: Recorder, vault: Vault, trail: Trail, desk: any DeskStore, older: [Trail] = [], clock: @escaping Clock
    ) {
        self.older = older
        self.recorder = recorder
        policy = recorder.policy
        self.vault = vault
        self.trail = trail
        self.desk = desk
        self.clock = clock
    }

    /// Erases a person: destroys their keys and leaves two entries that say so (GDPR Art. 17).
    ///
    /// Steps: (1) mark, (2) `erasure.started`, (3) destroy, (4) tell every process, (5) probe, (6) `erasure.completed`.
    /// A crash between two steps loses nothing: the next start resumes with the same ids.
    ///
    /// Who may ask for it is the caller's to check (the right `rights`, or the key holder).
    ///
    /// - Throws: ``RightsError``
    public func erase(_ order: ErasureOrder) async throws -> Erasure {
        try check(case: order.caseReference)
        if let problem = policy.refusal(of: order.purpose, as: .purpose) { throw RightsError.missingPurpose(problem) }
        guard policy.erasure.approvals <= 1 else { throw RightsError.needsApproval(policy.erasure.approvals) }
        do {
            try await settleHolds()
        } catch {
            throw RightsError.unavailable("\(error)")
        }
        let now = try await moment()
        let window = try await deferral(of: order)
        let roles = roles(of: order, isDeferred: window != nil)
        // An erasure of one of these keys that was begun before is finished first; then what is left of this one.
        var erasure: Erasure?
        while let ticket = try await begin(order, roles: roles, deferral: window, at: now) {
            erasure = try await carryOut(ticket, order, deferral: window, from: now)
            if !ticket.wasUnderWay { break }
        }
        if let erasure { return erasure }
        let isFencedNow = try await fenceTheRest(of: order, at: now)
        if let due = try await deferActingKey(of: order, window, from: now) { throw RightsError.actingKeyOnly(dueDay: due.dueDay) }
        for role in roles where try await vault.standing(of: order.subject, as: role) == .erased {
            let error = try await nothingLeft()
            throw isFencedNow && error == .alreadyErased ? RightsError.roleFenced : error
        }
        throw RightsError.unknownPerson
    }

    /// Where both roles are asked for and one of them never had a key while the other is dealt with: no later act makes one.
    private func fenceTheRest(of order: ErasureOrder, at now: Timestamp) async throws -> Bool {
        guard order.role == .both else { return false }
        var (isKnown, missing) = (false, [KeyRole]())
        for role in [KeyRole.subject, .acting] {
            if try await vault.standing(of: order.subject, as: role) == .unknown { missing.append(role) } else { isKnown = true }
        }
        guard isKnown, !missing.isEmpty else { return false }
        if try await vault.isHeld(order.subject) { throw RightsError.held }
        guard try await vault.fence(order.subject, as: missing, until: fenceDay(from: now)) else {
            throw RightsError.unavailable("an act made the person known in the other role meanwhile: ask again")
        }
        return true
    }

    /// Once the keys are destroyed nothing leads from a person to their erasure any more: if one is still under way, it may be theirs.
    private func nothingLeft() async throws -> RightsError {
        let duties: Duties
        do {
            duties = try await resume()
        } catch {
            return .unfinished("\(error)")
        }
        guard duties.unanswered.isEmpty else { return .unfinished("\(EpochError.unanswered(pids: duties.unanswered.sorted()))") }
        return duties.finished > 0 ? .finishedEarlier : .alreadyErased
    }

    private func carryOut(_ ticket: ErasureTicket, _ order: ErasureOrder, deferral window: Window?, from now: Timestamp) async throws
        -> Erasure
    {
        do {
            let due = try await deferActingKey(of: order, window, from: now)
            let deferral = due.map { Deferral(dueDay: $0.dueDay, because: window?.because) }
            let hand = Hand(
                actor: order.actor, purpose: order.purpose, caseReference: order.caseReference, countsUpTo: order.countsUpTo)
            let done = try await carryOut(ticket, by: hand, deferral: deferral)
            return Erasure(
                id: ticket.erasure, caseReference: order.caseReference, roles: ticket.keys.map(\.role).sorted(),
                deferredUntil: deferral?.dueDay, deferredBecause: deferral?.because, startedAt: done.started.recordedAt,
                completedAt: done.completed.recordedAt, startedSeq: done.started.seq, completedSeq: done.completed.seq,
                fenceUntil: done.fence, certificate: await certificate(of: done))
        } catch {
            throw RightsError.unfinished("\(error)")
        }
    }

    /// Sets the due day of the acting key where it waits for one; what is asked now is kept for that day.
    private func deferActingKey(of order: ErasureOrder, _ window: Window?, from now: Timestamp) async throws -> DueKey? {
        guard let window else { return nil }
        try await keepForDueDay(order, at: now)
        return try await vault.deferErasure(of: order.subject, role: .acting, dueDay: Int(now.day) + window.keep.days)
    }

    /// Keeps what is asked now for the day on which the acting key goes. Returns the key where this call did.
    @discardableResult
    private func keepForDueDay(_ order: ErasureOrder, at now: Timestamp) async throws -> Pseudonym? {
        guard case .active(let pseudonym) = try await vault.standing(of: order.subject, as: .acting) else { return nil }
        return try await files.keep(ErasureFile(order, at: now), forDueKey: pseudonym) ? pseudonym : nil
    }

    /// Now, and not before the newest entry: days are counted from here that must not lie too early because a clock was set back.
    func moment() async throws -> Timestamp { max(clock(), try await trail.newestMoment()) }

    /// The last day on which an id erased now is still recognised.
    func fenceDay(from now: Timestamp) -> Int { Quarter.lastDay(of: Int(now.day) + policy.erasure.fence.days) }

    /// The longest case reference, in bytes of UTF-8.
    public static let caseByteCountMax = 1_024

    /// Before anything is marked or linked: an entry that cannot be recorded afterwards would leave it half done.
    func check(case reference: String?) throws(RightsError) {
        guard let reference else { return }
        if reference.isEmpty { throw .missingCase }
        if reference.utf8.count > Self.caseByteCountMax { throw .longCase(byteCount: reference.utf8.count) }
    }

    // MARK: The first step

    private func begin(
        _ order: ErasureOrder, roles: [KeyRole], deferral window: Window?, at now: Timestamp
    ) async throws -> ErasureTicket? {
        let erasure = EntryID.make(at: now).bytes
        do {
            let isFiled = try await fileAhead(erasure, order, roles, at: now)
            // The day is set with the first step; after a crash right behind it nobody would know the case.
            let waiting = isFiled && window != nil ? try await keepForDueDay(order, at: now) : nil
            var ticket: ErasureTicket?
            do {
                ticket = try await vault.beginErasure(
                    of: order.subject, roles: roles, started: EntryID.make(at: now).bytes, completed: EntryID.make(at: now).bytes,
                    erasure: erasure, fenceUntil: fenceDay(from: now), deferring: window.map { Int(now.day) + $0.keep.days })
            } catch {
                if isFiled { try await files.remove(erasure) }
                if let waiting { try await files.remove(forDueKey: waiting) }
                throw error
            }
            if isFiled, ticket?.erasure != erasure { try await files.remove(erasure) }
            return ticket
        } catch VaultError.held {
            throw RightsError.held
        } catch {
            throw RightsError.unavailable("\(error)")
        }
    }

    /// The file comes before the first step, so that whoever finishes this erasure after a crash knows its case. Only where the erasure will
    /// begin by all appearances: a file's key is not made for a refusal.
    private func fileAhead(_ erasure: Bytes16, _ order: ErasureOrder, _ roles: [KeyRole], at now: Timestamp) async throws -> Bool {
        var lives = false
        for role in roles { if case .active = try await vault.standing(of: order.subject, as: role) { lives = true } }
        guard lives, try await !vault.isHeld(order.subject, roles: roles) else { return false }
        return try await files.update(erasure, keptUntil: try await fileDay()) { _ in ErasureFile(order, at: now) } != nil
    }

    // MARK: Which keys, and when

    private func roles(of order: ErasureOrder, isDeferred: Bool) -> [KeyRole] {
        switch order.role {
        case .subject: [.subject]
        case .acting: [.acting]
        case .both: isDeferred ? [.subject] : [.subject, .acting]
        }
    }

    /// Staff keep their acting key for the log period where the policy says so (Art. 17(3)(b)); only an explicit
    /// `acting` destroys it at once. Whoever is staff under one identifier is staff under all.
    private func deferral(of order: ErasureOrder) async throws -> Window? {
        guard order.role == .both, let window = policy.erasure.actors else { return nil }
        if policy.isStaff(order.subject.type) { return window }
        do {
            return try await vault.identifiers(of: order.subject).contains { policy.isStaff($0.type) } ? window : nil
        } catch VaultError.rowDamaged {
            // A damaged row must not keep its owner from being erased.
            return nil
        }
    }
}
