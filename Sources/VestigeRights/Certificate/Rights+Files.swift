import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// When the steps of an erasure were done.
struct Steps {
    var started: Receipt
    /// `nil` if an earlier attempt destroyed the keys.
    var destroyedAt: Timestamp?
    var forgottenAt: Timestamp
    var probedAt: Timestamp
}

extension ErasureFile {
    init(_ order: ErasureOrder, at now: Timestamp) {
        self.init(caseReference: order.caseReference, askedBy: order.actor.kind.rawValue, askedAt: now)
    }
}

/// What the steps of an erasure write into its file.
extension Rights {
    var files: ErasureFiles {
        ErasureFiles(desk: desk, vault: vault, trail: trail.identity.id, older: older.map(\.identity.id))
    }

    /// The day on which the key of a file made now is destroyed.
    func fileDay() async throws -> Int { Int(try await moment().day) + policy.cases.keep.days }

    /// Before the keys go: what cannot be known afterwards.
    func fileSteps(of ticket: ErasureTicket, _ hand: Hand, _ deferral: Deferral?, fence: Int) async throws -> ErasureFile? {
        let keks = try await vault.wrapping(of: ticket)
        return try await files.update(ticket.erasure, keptUntil: try await fileDay()) { known in
            if let known, known.body != nil { return known }
            let begun = known == nil ? try await fileFromStart(of: ticket) : known
            var file = begun ?? ErasureFile(hand)
            for (key, kek) in keks { file.keks[key.role] = kek }
            if !ticket.destroyed { file.fence = fence }
            if let deferral {
                file.deferredUntil = deferral.dueDay
                file.deferredBecause = deferral.because
            }
            return file
        }
    }

    func fileDestruction(of ticket: ErasureTicket, at moment: Timestamp) async throws {
        try await files.update(ticket.erasure, keptUntil: try await fileDay()) { known in
            var file = known ?? ErasureFile()
            if file.destroyedAt == nil { file.destroyedAt = moment }
            return file
        }
    }

    /// Fixes the body before the entry that holds its hash is written: whoever repeats the last step finds the same bytes.
    func settleBody(of ticket: ErasureTicket, _ hand: Hand, _ steps: Steps, fence: Int) async throws -> [UInt8]? {
        // What stands in the trail cannot be changed any more; a body that was lost since cannot be made again.
        if let completed = EntryID(ticket.completed), try await trail.seq(of: completed) != nil {
            return try await files.find(ticket.erasure).file?.body
        }
        let file = try await files.update(ticket.erasure, keptUntil: try await fileDay()) { known in
            var file = known ?? ErasureFile(hand)
            // A body of later than now is of before the clock was set back: the entry would seem to come before what it states.
            if let body = file.body, let facts = try? CertificateFacts(decoding: body), facts.probedAt <= steps.probedAt { return file }
            file.destroyedAt = steps.destroyedAt ?? file.destroyedAt
            file.fence = file.fence ?? fence
            if file.fileUntil == nil { file.fileUntil = try await fileDay() }
            file.body = try await facts(of: ticket, file, hand, steps).encoded()
            return file
        }
        return file?.body
    }

    /// The case of an erasure that has no file, from the entry that began it: as long as the key of whoever asked lives.
    private func fileFromStart(of ticket: ErasureTicket) async throws -> ErasureFile? {
        guard let id = EntryID(ticket.started), let seq = try await trail.seq(of: id), let entry = try await trail.entries([seq]).first,
            let body = entry.body
        else { return nil }
        let header = try Header(decoding: body.header)
        var file = ErasureFile(askedBy: header.actor.type, askedAt: header.occurredAt)
        guard let pseudonym = header.actor.pseudonym,
            let (slot, item) = try Payload(decoding: body.payload).items.enumerated().first(where: { $0.element.kind == .actor })
                .map({ ($0.offset, $0.element) })
        else { return file }
        let place = SlotPlace(trail: trail.identity.id, entry: id.bytes, slot: UInt16(slot))
        do {
            if case .plaintext(let bytes) = try await vault.open(item.bytes, under: pseudonym, role: .acting, at: place) {
                file.caseReference = try ActorSlot(decoding: bytes).caseReference
            }
        } catch VaultError.slotDamaged, VaultError.unknownPseudonym, VaultError.wrongRole {
            // `vestige verify` says what is wrong with it; the erasure does not wait.
        }
        return file
    }
}

extension ErasureFile {
    init(_ hand: Hand) {
        self.init(caseReference: hand.caseReference, askedBy: hand.actor.kind == .system ? nil : hand.actor.kind.rawValue)
    }
}
