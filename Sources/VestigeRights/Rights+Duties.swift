import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// What is due without anybody asking for it. Each may be run again, by several processes at once and after a crash anywhere: an erasure's
/// ids are fixed with its first step, so its entries are written once.
extension Rights {
    /// All of it, as a start does before anything is served: interrupted erasures, the trail's, and the keys whose day has come. The other
    /// processes are told once, so one that is silent is waited for once.
    ///
    /// - Parameter older: trails that this one goes on from; all of their erasures are looked at.
    @discardableResult
    public func catchUp(older: [Trail] = []) async throws -> Duties {
        var duties = Duties()
        let pending = try await vault.pendingErasures()
        let replayed = try await replayTickets(older)
        // Before any key is destroyed for its day: a hold that the vault lost must keep it.
        duties.holdsEnded = try await settleHolds()
        let due = try await dueTickets(on: Int(clock().day), &duties)
        guard try await carryOut(pending + due, replaying: replayed, &duties) else { return duties }
        (duties.finished, duties.replayed) = (pending.count, replayed.count)
        count(due, &duties)
        return duties
    }

    /// Finishes every erasure that a crash or a silent process interrupted.
    ///
    /// A process that still does not answer keeps its erasures under way, and nothing else: the keys are gone from the vault.
    @discardableResult
    public func resume() async throws -> Duties {
        var duties = Duties()
        let pending = try await vault.pendingErasures()
        if try await carryOut(pending, &duties) { duties.finished = pending.count }
        return duties
    }

    /// Destroys the keys whose day has come: acting keys of staff (`erasure.actors` of the policy), and the keys of erasures' own files
    /// (`cases.keep`). Each by an erasure of its own: keys of several people under one would show that they were erased together.
    ///
    /// - Parameter day: days since 1970; today if left out.
    @discardableResult
    public func destroyDueKeys(on day: Int? = nil) async throws -> Duties {
        var duties = Duties()
        let due = try await dueTickets(on: day ?? Int(clock().day), &duties)
        if try await carryOut(due, &duties) { count(due, &duties) }
        return duties
    }

    /// Carries out again the erasures that the trail knows and the vault may not, because an older copy of it was put back. Run after
    /// ``resume()``. Parameters as for ``catchUp(older:)``.
    @discardableResult
    public func replay(older: [Trail] = []) async throws -> Duties {
        var duties = Duties()
        let tickets = try await replayTickets(older)
        if try await carryOut([], replaying: tickets, &duties) { duties.replayed = tickets.count }
        return duties
    }

    // MARK: Beginning

    private func dueTickets(on day: Int, _ duties: inout Duties) async throws -> [ErasureTicket] {
        var tickets: [ErasureTicket] = []
        for due in try await vault.dueErasures(on: day) {
            if due.isHeld {
                duties.heldKeys += 1
                continue
            }
            do {
                // Nothing left to erase: another process was faster.
                if let ticket = try await begin(due) { tickets.append(ticket) }
            } catch VaultError.held {
                duties.heldKeys += 1
            }
        }
        return tickets
    }

    private func begin(_ due: DueKey) async throws -> ErasureTicket? {
        let now = clock()
        let erasure = EntryID.make(at: now).bytes
        if due.role == .caseFile {
            // The document first: its key stays due until it is gone.
            if let ended = try await files.erasure(ofKey: due.pseudonym) { try await files.remove(ended) }
        } else {
            var file = try await files.file(forDueKey: due.pseudonym) ?? ErasureFile()
            file.keptUntil = due.dueDay
            try await files.update(erasure, keptUntil: try await fileDay()) { [file] _ in file }
        }
        var ticket: ErasureTicket?
        do {
            ticket = try await vault.beginErasure(
                of: [due.pseudonym], role: due.role, started: EntryID.make(at: now).bytes, completed: EntryID.make(at: now).bytes,
                erasure: erasure, respectingHolds: true)
        } catch {
            try await files.remove(erasure)
            throw error
        }
        if ticket?.erasure != erasure { try await files.remove(erasure) }
        return ticket
    }

    private func count(_ due: [ErasureTicket], _ duties: inout Duties) {
        let fileCount = due.count { $0.keys.allSatisfy { $0.role == .caseFile } }
        duties.filesEnded = fileCount
        duties.dueKeys = due.count - fileCount
    }

    private func replayTickets(_ older: [Trail]) async throws -> [ErasureTicket] {
        // What is under way is finished by its own ticket.
        var underWay = Set(try await vault.pendingErasures().flatMap(\.pseudonyms))
        var tickets: [ErasureTicket] = []
        for trail in older { tickets += try await replayTickets(trail, from: 0, &underWay) }
        let replayedThrough = try await vault.watermark().replayedThrough
        if replayedThrough < (try await trail.checkpoint().size) {
            tickets += try await replayTickets(trail, from: replayedThrough, &underWay)
        }
        return tickets
    }

    private func replayTickets(_ trail: Trail, from seq: UInt64, _ underWay: inout Set<Pseudonym>) async throws -> [ErasureTicket] {
        var tickets: [ErasureTicket] = []
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Code.complianceChannel]
        query.actions = ["erasure.started"]
        query.since = seq
        while true {
            let page = try await trail.page(query)
            for entry in page {
                guard let ticket = try await replayTicket(entry, of: trail, without: underWay) else { continue }
                underWay.formUnion(ticket.pseudonyms)
                tickets.append(ticket)
            }
            guard page.count == query.limit, let last = page.last else { return tickets }
            query.before = last.seq
        }
    }

    private func replayTicket(_ entry: StoredEntry, of trail: Trail, without underWay: Set<Pseudonym>) async throws -> ErasureTicket? {
        // An entry that destroys keys must be one that the checkpoint vouches for, not merely one that the file holds.
        let header = try await trail.proven(entry).header
        guard header.channel == Code.complianceChannel, header.action == "erasure.started",
            case .code(let name)? = header.details["erasure"], let erasure = UUIDText.read(name)
        else { throw TrailError.inconsistent("entry \(entry.seq) is indexed as the start of an erasure and is none") }
        let role: KeyRole =
            switch header.details["role"] {
            case .code(KeyRole.acting.code): .acting
            case .code(KeyRole.caseFile.code): .caseFile
            default: .subject
            }
        if case .code(let code)? = header.details[Self.fencedDetail], let role = KeyRole(code: code) {
            let fence = fenceDay(from: try await moment())
            // Before the first step, after which nothing leads to the person any more.
            for pseudonym in header.subjects { try await vault.fence(personBearing: pseudonym, as: role, until: fence) }
        }
        return try await vault.beginErasure(
            of: header.subjects.filter { !underWay.contains($0) }, role: role, started: header.id.bytes,
            completed: EntryID.make(at: clock()).bytes, erasure: erasure)
    }

    // MARK: Carrying out

    /// Carries out erasures that were begun, each by its own entries. A ticket whose first entry is missing goes on like one with it: the
    /// entry's id is fixed, so it is written once.
    ///
    /// - Returns: false if a process was silent: all of them stay under way, and it is noted.
    private func carryOut(
        _ tickets: [ErasureTicket], replaying replayed: [ErasureTicket] = [], _ duties: inout Duties
    ) async throws -> Bool {
        var destroyed: [Destroyed] = []
        for ticket in tickets { destroyed.append(try await destroy(ticket, by: .system)) }
        for ticket in replayed { destroyed.append(try await destroy(ticket, by: .system, isReplay: true)) }
        guard !destroyed.isEmpty else { return true }
        do {
            try await tell(of: destroyed)
        } catch EpochError.unanswered(let pids) {
            duties.unanswered.formUnion(pids)
            return false
        }
        for one in destroyed { _ = try await conclude(one) }
        return true
    }
}
