import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Who carries an erasure out, why and for which case.
struct Hand {
    var actor: AuditActor
    var purpose: String?
    var caseReference: String?
    /// How many of a pseudonym's entries the certificate counts. Nobody waits for the system.
    var countsUpTo = ErasureOrder.everything

    static let system = Hand(actor: .system("vestige"))
}

/// Until when an acting key was left, and why.
struct Deferral {
    var dueDay: Int
    var because: String?
}

/// What the steps of an erasure gave.
struct CarriedOut {
    var started: Receipt
    var completed: Receipt
    /// The last day of the fence.
    var fence: Int
    /// The body of the certificate; `nil` without one.
    var body: [UInt8]?
}

/// An erasure whose keys are gone from the vault.
struct Destroyed {
    let ticket: ErasureTicket
    let hand: Hand
    let isReplay: Bool
    let fence: Int
    let started: Receipt
    /// `nil` if an earlier attempt destroyed the keys.
    let at: Timestamp?

    var isFiled: Bool { ticket.isFiled(isReplay: isReplay) }
}

extension ErasureTicket {
    /// Whether it is somebody's; else it ends a case file.
    fileprivate var isOfSomebody: Bool { keys.contains { $0.role != .caseFile } }

    /// A replay repeats an erasure that has, or had, its certificate; a case file gets none.
    fileprivate func isFiled(isReplay: Bool) -> Bool { !isReplay && isOfSomebody }
}

/// Steps 2 to 6 of an erasure, the same for one that was just begun, one that is resumed, a due one and one that is replayed.
extension Rights {
    /// Of `erasure.started`: the role in which the person had no key and was fenced.
    static let fencedDetail = "fenced"

    func carryOut(_ ticket: ErasureTicket, by hand: Hand, deferral: Deferral? = nil) async throws -> CarriedOut {
        let destroyed = try await destroy(ticket, by: hand, deferral: deferral)
        try await tell(of: [destroyed])
        return try await conclude(destroyed)
    }

    /// Steps 2 and 3.
    func destroy(
        _ ticket: ErasureTicket, by hand: Hand, deferral: Deferral? = nil, isReplay: Bool = false
    ) async throws -> Destroyed {
        var fence = try await fenceDay(for: ticket)
        if ticket.isFiled(isReplay: isReplay) {
            let file = try await fileSteps(of: ticket, hand, deferral, fence: fence)
            if ticket.destroyed { fence = file?.fence ?? fence }
        }
        var first = entry("erasure.started", ticket.started, ticket, hand)
        // A restored vault must put up that fence again: it is the only thing that the pseudonyms do not lead to.
        if let role = ticket.fenced.first { first.details[Self.fencedDetail] = .code(role.code) }
        let started = try await recorder.record(first)
        var moment: Timestamp?
        try await vault.destroyKeys(ticket, fenceUntil: fence, telling: false) { moment = clock() }
        return Destroyed(ticket: ticket, hand: hand, isReplay: isReplay, fence: fence, started: started, at: moment)
    }

    /// Step 4, once for any number of erasures.
    func tell(of destroyed: [Destroyed]) async throws {
        do {
            try await vault.tellOfDestruction()
        } catch {
            // The first trouble is the one to tell; without the moment the certificate says between which two it lies.
            for one in destroyed where one.isFiled { if let moment = one.at { try? await fileDestruction(of: one.ticket, at: moment) } }
            throw error
        }
    }

    /// Steps 5 and 6.
    func conclude(_ one: Destroyed) async throws -> CarriedOut {
        let forgottenAt = clock()
        try await vault.probe(one.ticket)
        let steps = Steps(started: one.started, destroyedAt: one.at, forgottenAt: forgottenAt, probedAt: clock())
        let body = one.isFiled ? try await settleBody(of: one.ticket, one.hand, steps, fence: one.fence) : nil
        let completed = try await complete(one.ticket, one.hand, body, isReplay: one.isReplay)
        return CarriedOut(started: one.started, completed: completed, fence: one.fence, body: body)
    }

    /// The last day on which the erased id is still recognised. Nobody comes back under the id of a case file.
    private func fenceDay(for ticket: ErasureTicket) async throws -> Int {
        ticket.isOfSomebody ? fenceDay(from: try await moment()) : 0
    }

    private func complete(_ ticket: ErasureTicket, _ hand: Hand, _ body: [UInt8]?, isReplay: Bool) async throws -> Receipt {
        var completed = entry("erasure.completed", ticket.completed, ticket, hand)
        if let body {
            completed.clear = [CertificateMark(erasure: ticket.erasure, role: Self.roleCode(ticket), hash: sha256(body)).encoded()]
        }
        if isReplay { completed.details["replayed"] = .boolean(true) }
        let receipt = try await recorder.record(completed)
        for key in ticket.keys where key.role == .acting { try await files.remove(forDueKey: key.pseudonym) }
        try await vault.finishErasure(ticket)
        return receipt
    }

    private func entry(_ action: String, _ id: Bytes16, _ ticket: ErasureTicket, _ hand: Hand) -> BuiltInEntry {
        var entry = BuiltInEntry(action: action, event: Event.erased.rawValue, actor: hand.actor, purpose: hand.purpose)
        entry.id = EntryID(id)
        entry.subjects = ticket.pseudonyms
        entry.caseReference = hand.caseReference
        entry.details = ["erasure": .code(UUIDText.write(ticket.erasure)), "role": .code(Self.roleCode(ticket))]
        return entry
    }

    private static func roleCode(_ ticket: ErasureTicket) -> String { Certificate.roleCode(ticket.keys.map(\.role)) }
}
