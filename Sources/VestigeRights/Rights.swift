public import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// Carries out the rights of the people concerned.
public struct Rights: Sendable {
    let recorder: Recorder
    let policy: Policy
    let vault: Vault
    let trail: Trail
    let clock: Clock

    public init(recorder: Recorder, vault: Vault, trail: Trail, clock: @escaping Clock) {
        self.recorder = recorder
        policy = recorder.policy
        self.vault = vault
        self.trail = trail
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
        guard !order.caseReference.isEmpty else { throw RightsError.missingCase }
        if let problem = policy.refusal(of: order.purpose, as: .purpose) { throw RightsError.missingPurpose(problem) }
        guard policy.erasure.approvals <= 1 else { throw RightsError.needsApproval(policy.erasure.approvals) }
        let now = clock()
        let window = try await deferral(of: order)
        let roles = roles(of: order, isDeferred: window != nil)
        // An erasure of one of these keys that was begun before is finished first; then what is left of this one.
        var erasure: Erasure?
        while let ticket = try await begin(order, roles: roles, deferral: window, at: now) {
            erasure = try await carryOut(ticket, order, deferral: window, from: now)
            if !ticket.wasUnderWay { break }
        }
        if let erasure { return erasure }
        if window != nil, let due = try await vault.deferErasure(of: order.subject, role: .acting, dueDay: dueDay(window, from: now)) {
            throw RightsError.actingKeyOnly(dueDay: due.dueDay)
        }
        for role in roles where try await vault.standing(of: order.subject, as: role) == .erased { throw try await nothingLeft() }
        throw RightsError.unknownPerson
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
            var due: DueKey?
            if window != nil { due = try await vault.deferErasure(of: order.subject, role: .acting, dueDay: dueDay(window, from: now)) }
            let started = try await recordStart(of: ticket, by: order.actor, purpose: order.purpose, caseReference: order.caseReference)
            let fence = try await destroy(ticket)
            let completed = try await complete(ticket, by: order.actor, purpose: order.purpose, caseReference: order.caseReference)
            return Erasure(
                id: ticket.erasure, caseReference: order.caseReference, roles: ticket.keys.map(\.role).sorted(), deferredUntil: due?.dueDay,
                deferredBecause: due == nil ? nil : window?.because, startedAt: started.recordedAt, completedAt: completed.recordedAt,
                startedSeq: started.seq, completedSeq: completed.seq, fenceUntil: fence)
        } catch {
            throw RightsError.unfinished("\(error)")
        }
    }

    private func dueDay(_ window: Window?, from now: Timestamp) -> Int {
        Int(now.day) + (window?.keep.days ?? 0)
    }

    private func fenceDay(from now: Timestamp) -> Int { Quarter.lastDay(of: Int(now.day) + policy.erasure.fence.days) }

    // MARK: Steps

    private func begin(
        _ order: ErasureOrder, roles: [KeyRole], deferral window: Window?, at now: Timestamp
    ) async throws -> ErasureTicket? {
        do {
            return try await vault.beginErasure(
                of: order.subject, roles: roles, started: EntryID.make(at: now).bytes, completed: EntryID.make(at: now).bytes,
                erasure: EntryID.make(at: now).bytes, fenceUntil: fenceDay(from: now),
                deferring: window.map { dueDay($0, from: now) })
        } catch VaultError.held {
            throw RightsError.held
        } catch {
            throw RightsError.unavailable("\(error)")
        }
    }

    func recordStart(
        of ticket: ErasureTicket, by actor: AuditActor, purpose: String?, caseReference: String?
    ) async throws -> Receipt {
        try await recorder.record(entry("erasure.started", ticket.started, ticket, actor, purpose, caseReference))
    }

    /// Steps 3 to 5. Returns the last day of the fence.
    func destroy(_ ticket: ErasureTicket) async throws -> Int {
        let fence = fenceDay(from: clock())
        try await vault.destroyKeys(ticket, fenceUntil: fence)
        try await vault.probe(ticket)
        return fence
    }

    func complete(
        _ ticket: ErasureTicket, by actor: AuditActor, purpose: String?, caseReference: String?
    ) async throws -> Receipt {
        let receipt = try await recorder.record(entry("erasure.completed", ticket.completed, ticket, actor, purpose, caseReference))
        try await vault.finishErasure(ticket)
        return receipt
    }

    private func entry(
        _ action: String, _ id: Bytes16, _ ticket: ErasureTicket, _ actor: AuditActor, _ purpose: String?, _ caseReference: String?
    ) -> BuiltInEntry {
        var entry = BuiltInEntry(action: action, event: "erased", actor: actor, purpose: purpose)
        entry.id = EntryID(id)
        entry.subjects = ticket.pseudonyms
        entry.caseReference = caseReference
        entry.details = [
            "erasure": .code(UUIDText.write(ticket.erasure)),
            "role": .code(ticket.keys.count > 1 ? "both" : ticket.keys.first?.role == .acting ? "acting" : "subject"),
        ]
        return entry
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
