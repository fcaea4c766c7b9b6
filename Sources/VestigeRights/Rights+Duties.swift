import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// What is due without anybody asking for it. Each may be run again, by several processes at once and after a crash anywhere: an erasure's
/// ids are fixed with its first step, so its entries are written once.
extension Rights {
    /// Finishes every erasure that a crash or a silent process interrupted. Run before anything is served.
    ///
    /// A process that still does not answer keeps its erasures under way, and nothing else: the keys are gone from the vault.
    @discardableResult
    public func resume() async throws -> Duties {
        var duties = Duties()
        for ticket in try await vault.pendingErasures() {
            // Each one would wait for the same process again; only keys that still stand in the vault cannot wait.
            if !duties.unanswered.isEmpty, ticket.destroyed { continue }
            try await tolerating(&duties) { duties in
                try await finish(ticket)
                duties.finished += 1
            }
        }
        return duties
    }

    /// Destroys the acting keys whose day has come (`erasure.actors` of the policy), each by an erasure of its own: keys of several people
    /// under one would show that they were erased together.
    ///
    /// - Parameter day: days since 1970; today if left out.
    @discardableResult
    public func destroyDueKeys(on day: Int? = nil) async throws -> Duties {
        var duties = Duties()
        for due in try await vault.dueErasures(on: day ?? Int(clock().day)) {
            let now = clock()
            try await tolerating(&duties) { duties in
                do {
                    let ticket = try await vault.beginErasure(
                        of: [due.pseudonym], role: due.role, started: EntryID.make(at: now).bytes, completed: EntryID.make(at: now).bytes,
                        erasure: EntryID.make(at: now).bytes, respectingHolds: true)
                    // Nothing left to erase: another process was faster.
                    guard let ticket else { return }
                    try await finish(ticket)
                    duties.dueKeys += 1
                } catch VaultError.held {
                    duties.heldKeys += 1
                }
            }
            if !duties.unanswered.isEmpty { break }
        }
        return duties
    }

    /// Replays the erasures that the trail knows and the vault may not, because a backup of it was put back. Run after ``resume()``.
    @discardableResult
    public func replay() async throws -> Duties {
        var duties = Duties()
        let watermark = try await vault.watermark()
        let size = try await trail.checkpoint().size
        guard watermark.replayedThrough < size else { return duties }
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Code.complianceChannel]
        query.actions = ["erasure.started"]
        query.since = watermark.replayedThrough
        while true {
            let page = try await trail.page(query)
            for entry in page { try await tolerating(&duties) { _ in try await replay(entry) } }
            guard page.count == query.limit, let last = page.last else { return duties }
            query.before = last.seq
        }
    }

    private func replay(_ entry: StoredEntry) async throws {
        // An entry that destroys keys must be one that the checkpoint vouches for, not merely one that the file holds.
        let header = try await trail.proven(entry).header
        guard header.channel == Code.complianceChannel, header.action == "erasure.started",
            case .code(let name)? = header.details["erasure"], let erasure = UUIDText.read(name)
        else { throw TrailError.inconsistent("entry \(entry.seq) is indexed as the start of an erasure and is none") }
        let ticket = try await vault.beginErasure(
            of: header.subjects, role: header.details["role"] == .code("acting") ? .acting : .subject, started: header.id.bytes,
            completed: EntryID.make(at: clock()).bytes, erasure: erasure)
        // One under way whose keys are gone is ``resume()``'s; waiting for the same process twice helps nobody.
        guard let ticket, !(ticket.wasUnderWay && ticket.destroyed) else { return }
        _ = try await destroy(ticket)
        _ = try await complete(ticket, by: .system("vestige"), purpose: nil, caseReference: nil)
    }

    /// A ticket that was begun without its entry goes on like one with it: the entry's id is fixed, so it is written once.
    private func finish(_ ticket: ErasureTicket) async throws {
        _ = try await recordStart(of: ticket, by: .system("vestige"), purpose: nil, caseReference: nil)
        _ = try await destroy(ticket)
        _ = try await complete(ticket, by: .system("vestige"), purpose: nil, caseReference: nil)
    }

    /// A silent process is noted; everything else is thrown.
    private func tolerating(_ duties: inout Duties, _ body: (inout Duties) async throws -> Void) async throws {
        do {
            try await body(&duties)
        } catch EpochError.unanswered(let pids) {
            duties.unanswered.formUnion(pids)
        }
    }
}
