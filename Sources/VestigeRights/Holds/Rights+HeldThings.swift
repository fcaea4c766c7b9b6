import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Whom or what a hold is about, and what its entries say.
extension Rights {
    /// Whoever decides must have a slot: the case stands nowhere else.
    func checkSlot(of actor: AuditActor) async throws {
        guard let id = actor.id,
            try await vault.standing(of: try SubjectID(type: actor.kind.rawValue, id: id), as: .acting) != .erased
        else { throw RightsError.noSlot }
    }

    /// What `target` names. Mints nobody.
    func thing(_ target: HoldTarget) async throws -> HeldThing {
        switch target {
        case .pseudonym(let pseudonym):
            guard try await vault.pseudonyms(ofPersonBearing: pseudonym).contains(pseudonym) else { throw RightsError.nobodyToHold }
            return .person(pseudonym)
        case .named(let type, let id):
            guard let rule = policy.records[type], rule.subject != .itself else { return try await person(type, id) }
            guard rule.idIsClear else {
                switch try await vault.standingOfHandle(forRecord: type, id: id) {
                case .active(let handle): return .record(RecordHandle(type: type, handle: handle))
                case .erased: throw RightsError.erasedThing
                case .unknown: throw RightsError.unknownRecord
                }
            }
            // Ids of such a type are codes; and a slip in one must not pass for a hold.
            let record = RecordHandle(type: type, id: id)
            var query = IndexQuery(limit: 1)
            query.terms = [Term.record(record).map { [$0] } ?? []]
            guard Code.isWellFormed(id) else { throw RightsError.unknownRecord }
            for trail in [trail] + older where try await trail.count(query, ceiling: 1) > 0 { return .record(record) }
            throw RightsError.unknownRecord
        }
    }

    /// By the subject's pseudonym where there is one: an entry with both would tie the person's two roles together.
    private func person(_ type: String, _ id: String) async throws -> HeldThing {
        let person = try SubjectID(type: type, id: id)
        var isErased = false
        for role in [KeyRole.subject, .acting] {
            switch try await vault.standing(of: person, as: role) {
            case .active(let pseudonym): return .person(pseudonym)
            case .erased: isErased = true
            case .unknown: break
            }
        }
        throw isErased ? RightsError.erasedThing : RightsError.nobodyToHold
    }

    func standing(on target: HoldTarget) async throws -> [Hold] {
        if case .pseudonym(let pseudonym) = target {
            // Also of whoever is erased by now, and of a record by its handle.
            let own = try await vault.pseudonyms(ofPersonBearing: pseudonym).union([pseudonym])
            return try await holds().filter { hold in
                switch hold.thing {
                case .person(let held): own.contains(held)
                case .record(let record): record.handle == pseudonym
                }
            }
        }
        do {
            return try await standing(on: try await thing(target))
        } catch RightsError.nobodyToHold, RightsError.unknownRecord, RightsError.erasedThing {
            throw RightsError.notHeld
        }
    }

    func standing(on thing: HeldThing) async throws -> [Hold] {
        guard case .person(let pseudonym) = thing else { return try await holds().filter { $0.thing == thing } }
        let own = try await vault.pseudonyms(ofPersonBearing: pseudonym).union([pseudonym])
        return try await holds().filter { hold in
            if case .person(let held) = hold.thing { own.contains(held) } else { false }
        }
    }

    /// The case that a hold was placed for; `nil` if its slot cannot be read, since whoever placed it was erased.
    func caseReference(of hold: Hold) async throws -> String? {
        let trail = hold.trail.map { older[older.count - $0] } ?? trail
        guard let stored = try await trail.entries([hold.seq]).first else { return nil }
        let (header, payload) = try await trail.proven(stored)
        guard let actor = header.actor.pseudonym,
            let (number, item) = payload.items.enumerated().first(where: { $0.element.kind == .actor })
        else { return nil }
        let place = SlotPlace(trail: trail.identity.id, entry: header.id.bytes, slot: UInt16(number))
        do {
            guard case .plaintext(let bytes) = try await vault.open(item.bytes, under: actor, role: .acting, at: place) else { return nil }
            return try ActorSlot(decoding: bytes).caseReference
        } catch VaultError.unknownPseudonym, VaultError.slotDamaged {
            // A vault that was put back may not know whoever came after it.
            return nil
        }
    }

    // MARK: Entries

    func entry(of thing: HeldThing, _ id: EntryID, _ order: HoldOrder) -> BuiltInEntry {
        var entry = BuiltInEntry(action: HoldBook.held, event: Event.held.rawValue, actor: order.actor, purpose: order.purpose)
        entry.id = id
        entry.caseReference = order.caseReference
        entry.justification = order.because
        if let endsAt = order.endsAt { entry.details["ends_at"] = .time(endsAt) }
        return entry.about(thing)
    }

    func ending(
        _ hold: Hold, _ action: String, by actor: AuditActor, _ purpose: String?, _ caseReference: String?
    ) -> BuiltInEntry {
        var entry = BuiltInEntry(action: action, event: Event.released.rawValue, actor: actor, purpose: purpose)
        // Several processes may find that a day is over; it is said once.
        if action == HoldBook.ended { entry.id = hold.id.derived(part: 2) }
        entry.caseReference = caseReference
        entry.details["hold"] = .code("\(hold.id)")
        return entry.about(hold.thing)
    }
}

extension BuiltInEntry {
    fileprivate func about(_ thing: HeldThing) -> BuiltInEntry {
        var entry = self
        switch thing {
        case .person(let pseudonym): entry.subjects = [pseudonym]
        case .record(let record): entry.record = record
        }
        return entry
    }
}
