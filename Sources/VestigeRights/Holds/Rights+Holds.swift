import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Legal holds: while one stands, nothing of the person is destroyed and nothing about the thing is pruned.
///
/// The trail is the truth. The vault's key rows have a flag beside it, which erasing checks in its own transaction; it is brought to what the
/// trail says by ``settleHolds()``, before anything is served and before anything is erased.
extension Rights {
    /// Places a hold and leaves the entry `erasure.held`. Several cases may hold one person; each releases its own.
    ///
    /// - Throws: ``RightsError/nobodyToHold``, ``RightsError/unknownRecord``, ``RightsError/erasedThing``, ``RightsError/holdInThePast``,
    ///   ``RightsError/heldByThisCase(seq:)``, ``RightsError/noSlot``, ``RightsError/missingCase``, ``RightsError/missingPurpose(_:)``: nothing was
    ///   recorded. ``RightsError/holdUnsettled(_:)``: it stands in the trail.
    public func hold(_ order: HoldOrder) async throws -> Hold {
        try check(case: order.caseReference)
        if let problem = policy.refusal(of: order.purpose, as: .purpose) {
            throw RightsError.missingPurpose("\(problem); nothing was held")
        }
        if let endsAt = order.endsAt, endsAt <= clock() { throw RightsError.holdInThePast }
        try await checkSlot(of: order.actor)
        let thing = try await thing(order.target)
        try await settleHolds()
        for hold in try await standing(on: thing) where try await caseReference(of: hold) == order.caseReference {
            throw RightsError.heldByThisCase(seq: hold.seq)
        }
        let id = EntryID.make(at: clock())
        let receipt = try await recorder.record(entry(of: thing, id, order))
        let hold = Hold(id: id, seq: receipt.seq, thing: thing, since: receipt.recordedAt, endsAt: order.endsAt)
        guard case .person(let pseudonym) = thing else { return hold }
        do {
            try await vault.setHold(true, on: try await vault.pseudonyms(ofPersonBearing: pseudonym))
            if try await vault.heldPseudonyms().contains(pseudonym) { return hold }
        } catch {
            throw RightsError.holdUnsettled("\(error)")
        }
        // An erasure was faster: its keys are marked already. The hold that holds nothing is taken back.
        _ = try await recorder.record(ending(hold, HoldBook.released, by: order.actor, order.purpose, order.caseReference))
        throw RightsError.erasedThing
    }

    /// Releases the hold of one case, and leaves the entry `erasure.hold_released`. Keys can be destroyed again once no other hold stands.
    ///
    /// - Throws: ``RightsError/notHeld``, ``RightsError/noHoldOfCase(unreadable:)``, ``RightsError/noSlot``, ``RightsError/missingCase``: nothing was
    ///   recorded. ``RightsError/holdUnsettled(_:)``: it is released in the trail.
    public func release(_ order: HoldReleaseOrder) async throws -> HoldRelease {
        try check(case: order.caseReference)
        if let purpose = order.purpose, let problem = policy.refusal(of: purpose, as: .purpose) {
            throw RightsError.missingPurpose("\(problem); nothing was released")
        }
        try await checkSlot(of: order.actor)
        try await settleHolds()
        let standing = try await standing(on: order.target)
        guard !standing.isEmpty else { throw RightsError.notHeld }
        var wanted: [Hold] = []
        var unreadable = 0
        for hold in standing {
            if let id = order.hold {
                if hold.id == id { wanted.append(hold) }
            } else if let reference = try await caseReference(of: hold) {
                if reference == order.caseReference { wanted.append(hold) }
            } else {
                unreadable += 1
            }
        }
        guard !wanted.isEmpty else { throw RightsError.noHoldOfCase(unreadable: unreadable) }
        var seqs: [UInt64] = []
        for hold in wanted {
            seqs.append(
                try await recorder.record(ending(hold, HoldBook.released, by: order.actor, order.purpose, order.caseReference)).seq)
        }
        do {
            try await settleHolds()
        } catch {
            throw RightsError.holdUnsettled("\(error)")
        }
        return HoldRelease(released: wanted, seqs: seqs, remaining: standing.count - wanted.count)
    }

    /// Every hold that stands now, oldest first. It names nobody: open their entries to see who placed them and why.
    public func holds() async throws -> [Hold] {
        try await HoldBook(reading: trail, older: older).standing(at: try await trail.trustedTime(clock()))
    }

    /// Which pseudonyms and records are held now. Reads the index of the entries about holds, and the vault for each held person.
    public func heldNow() async throws -> HeldNow {
        var pseudonyms: Set<Pseudonym> = []
        var records: [RecordHandle] = []
        for hold in try await holds() {
            switch hold.thing {
            case .person(let pseudonym): pseudonyms.formUnion(try await vault.pseudonyms(ofPersonBearing: pseudonym).union([pseudonym]))
            case .record(let record): if !records.contains(record) { records.append(record) }
            }
        }
        return HeldNow(pseudonyms: pseudonyms, records: records)
    }

    /// Brings the vault's flags to what the trail says: after a crash between entry and flag, after an older vault was put back, and for keys
    /// that a held person got since. Holds whose day is over get their last entry, `erasure.hold_ended`, once. In a trail that goes on from
    /// older ones, whom the vault holds stays held until this trail tells of a hold on them that ended, and no other stands.
    ///
    /// - Returns: how many ended.
    @discardableResult
    public func settleHolds() async throws -> Int {
        var ended = 0
        for _ in 0..<5 {
            // Before the trail is read: a flag is set only once its entry stands, so one without an entry is one too many.
            let flagged = try await vault.heldPseudonyms()
            let book = try await HoldBook(reading: trail, older: older)
            // A hold that ended by a clock set wrong would be lost for good.
            let now = try await trail.trustedTime(clock())
            for hold in book.holds where hold.endedSeq == nil && hold.isOver(at: now) {
                _ = try await recorder.record(ending(hold, HoldBook.ended, by: .system("vestige"), nil, nil))
                ended += 1
            }
            var wanted: Set<Pseudonym> = []
            for case .person(let pseudonym) in book.standing(at: now).map(\.thing) {
                wanted.formUnion(try await vault.pseudonyms(ofPersonBearing: pseudonym))
            }
            var over = flagged.subtracting(wanted)
            if !older.isEmpty {
                // It may stand in what was lost of an older trail: only what this trail tells of is over.
                var known: Set<Pseudonym> = []
                for case .person(let pseudonym) in book.holds.filter({ $0.trail == nil || $0.endedInPresent }).map(\.thing) {
                    known.formUnion(try await vault.pseudonyms(ofPersonBearing: pseudonym))
                }
                over.formIntersection(known)
            }
            if over.isEmpty, wanted.isSubset(of: flagged) { return ended }
            try await vault.setHold(true, on: wanted.subtracting(flagged))
            try await vault.setHold(false, on: over)
            // Once more: another process may have held or released meanwhile.
        }
        return ended
    }
}
