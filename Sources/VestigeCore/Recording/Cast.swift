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

/// Finds an entry's people in the vault, minting those who are new.
struct Casting {
    let vault: Vault
    /// False for a comparison with an entry that stands: nobody comes to be known by it.
    let mayMint: Bool

    func cast(_ entry: ResolvedEntry) async throws -> Cast {
        let standings = try await subjects(of: entry)
        var cast = Cast(
            actor: try await player(entry.actor, in: entry, standings), behalf: nil, subjects: standings, handle: nil)
        if let behalf = entry.behalf { cast.behalf = try await player(behalf, in: entry, standings) }
        guard let record = entry.record, let id = record.id, let rule = entry.rule, !rule.idIsClear else { return cast }
        if entry.recordIsPerson {
            switch standings.first {
            case .active(let pseudonym)?: cast.handle = pseudonym
            case .unknown?: cast.recordIsUnknown = true
            case .erased?, nil: break
            }
        } else if standings.first != .erased {
            let known = try await handle(record.type, id, of: entry.subjects.first?.id, isFailure: entry.status == .failure)
            cast.handle = known.handle
            cast.recordIsUnknown = known.isUnknown
        }
        return cast
    }

    /// A failed look never makes anybody known.
    private func subjects(of entry: ResolvedEntry) async throws -> [Standing] {
        let people = entry.subjects.map(\.id)
        let cached = people.compactMap { vault.cachedStanding(of: $0, as: .subject) }
        if cached.count == people.count { return cached }
        guard mayMint, entry.status != .failure else {
            var standings: [Standing] = []
            for person in people { standings.append(try await vault.standing(of: person, as: .subject)) }
            return standings
        }
        return try await vault.admit(people.map { ($0, .subject) })
    }

    private func handle(_ type: String, _ id: String, of subject: SubjectID?, isFailure: Bool) async throws -> (
        handle: Bytes16?, isUnknown: Bool
    ) {
        guard mayMint, !isFailure else {
            switch try await vault.standingOfHandle(forRecord: type, id: id) {
            case .active(let handle): return (handle, false)
            case .erased: return (nil, false)
            case .unknown: return (nil, true)
            }
        }
        return (try await vault.handle(forRecord: type, id: id, of: subject), false)
    }

    private func player(_ actor: AuditActor, in entry: ResolvedEntry, _ standings: [Standing]) async throws -> Cast.Player {
        guard let id = actor.id else {
            if actor.kind == .system { return Cast.Player(identity: .none, key: nil) }
            let visitor = try await vault.visitor(month: entry.occurredAt.month)
            return Cast.Player(identity: .pseudonym(visitor), key: (visitor, .visitor))
        }
        let person = try SubjectID(type: actor.kind.rawValue, id: id)
        if !entry.isList, entry.subjects.count == 1, entry.subjects[0].id == person, let standing = standings.first {
            // One's own record: sealed under the subject key, so that the two pseudonyms never meet in one entry.
            switch standing {
            case .active(let pseudonym): return Cast.Player(identity: .oneself, key: (pseudonym, .subject))
            case .erased: return Cast.Player(identity: .none, key: nil)
            case .unknown: break
            }
        }
        let standing: Standing
        if let cached = vault.cachedStanding(of: person, as: .acting) {
            standing = cached
        } else if mayMint {
            standing = try await vault.admit(person, as: .acting)
        } else {
            standing = try await vault.standing(of: person, as: .acting)
        }
        guard case .active(let pseudonym) = standing else {
            return Cast.Player(identity: .none, key: nil, isUnknown: standing == .unknown)
        }
        return Cast.Player(identity: .pseudonym(pseudonym), key: (pseudonym, .acting))
    }
}
