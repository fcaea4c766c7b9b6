import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// The people of an entry as the vault knows them: who acts, for whom, who is concerned, under which handle.
struct Cast: Sendable {
    /// Somebody who acts: how the header names them, and under whose key their slot is sealed.
    struct Player: Sendable {
        var identity: ActorReference.Identity
        var key: (pseudonym: Pseudonym, role: KeyRole)?
        /// Nobody whom the vault knows, where nobody may be minted.
        var isUnknown = false
    }

    var actor: Player
    var behalf: Player?
    /// In the order of the entry's subjects.
    var subjects: [Standing]
    var handle: Bytes16?
    /// The id was not known to the vault, and the act failed: it goes to the actor's slot.
    var recordIsUnknown = false
}

/// Finds an entry's people among those who are known. It never waits: whoever is missing is told.
struct Casting {
    let people: People
    /// False for a comparison with an entry that stands: nobody comes to be known by it.
    let mayMint: Bool

    func cast(_ entry: ResolvedEntry) throws(NotReady) -> Cast {
        var missing = NotReady()
        let standings = subjects(of: entry, &missing)
        var cast = Cast(actor: player(entry.actor, in: entry, standings, &missing), behalf: nil, subjects: standings, handle: nil)
        if let behalf = entry.behalf { cast.behalf = player(behalf, in: entry, standings, &missing) }
        setHandle(of: entry, in: &cast, &missing)
        guard missing.people.isEmpty else { throw missing }
        return cast
    }

    /// A failed look, and an act that has not happened yet, make nobody known.
    private func mayMintSubjects(_ entry: ResolvedEntry) -> Bool {
        mayMint && entry.status != .failure && !entry.isIntent
    }

    private func subjects(of entry: ResolvedEntry, _ missing: inout NotReady) -> [Standing] {
        let mayMint = mayMintSubjects(entry)
        return entry.subjects.map { ask(Wanted(subject: $0.id, role: .subject, mayMint: mayMint), &missing) }
    }

    private func setHandle(of entry: ResolvedEntry, in cast: inout Cast, _ missing: inout NotReady) {
        guard let record = entry.record, let id = record.id, let rule = entry.rule, !rule.idIsClear else { return }
        if entry.recordIsPerson {
            switch cast.subjects.first {
            case .active(let pseudonym)?: cast.handle = pseudonym
            case .unknown?: cast.recordIsUnknown = true
            case .erased?, nil: break
            }
        } else if cast.subjects.first != .erased, let record = try? SubjectID(type: record.type, id: id) {
            let mayMint = mayMintSubjects(entry)
            let wanted = Wanted(subject: record, role: .recordHandle, owner: mayMint ? entry.subjects.first?.id : nil, mayMint: mayMint)
            switch ask(wanted, &missing) {
            case .active(let handle): cast.handle = handle
            case .erased: break
            case .unknown: cast.recordIsUnknown = true
            }
        }
    }

    private func player(_ actor: AuditActor, in entry: ResolvedEntry, _ standings: [Standing], _ missing: inout NotReady) -> Cast.Player {
        guard let id = actor.id else {
            if actor.kind == .system { return Cast.Player(identity: .none, key: nil) }
            return player(.visitor, type: "visitor", id: entry.occurredAt.month, &missing)
        }
        if !entry.isList, entry.subjects.count == 1, entry.subjects[0].id.id == id, entry.subjects[0].id.type == actor.kind.rawValue {
            // One's own record: sealed under the subject key, so that the two pseudonyms never meet in one entry.
            switch standings.first {
            case .active(let pseudonym)?: return Cast.Player(identity: .oneself, key: (pseudonym, .subject))
            case .erased?: return Cast.Player(identity: .none, key: nil)
            // Known first: only then it is clear whether an acting key is needed.
            case .unknown? where !missing.people.isEmpty: return Cast.Player(identity: .none, key: nil)
            case .unknown?, nil: break
            }
        }
        return player(.acting, type: actor.kind.rawValue, id: id, &missing)
    }

    private func player(_ role: KeyRole, type: String, id: String, _ missing: inout NotReady) -> Cast.Player {
        guard let person = try? SubjectID(type: type, id: id) else { return Cast.Player(identity: .none, key: nil) }
        let standing = ask(Wanted(subject: person, role: role, mayMint: mayMint), &missing)
        guard case .active(let pseudonym) = standing else {
            return Cast.Player(identity: .none, key: nil, isUnknown: standing == .unknown)
        }
        return Cast.Player(identity: .pseudonym(pseudonym), key: (pseudonym, role))
    }

    /// `unknown` for whoever is missing: what was cast is then thrown away.
    private func ask(_ wanted: Wanted, _ missing: inout NotReady) -> Standing {
        if let standing = people.standing(of: wanted) { return standing }
        missing.people.insert(wanted)
        return .unknown
    }
}
