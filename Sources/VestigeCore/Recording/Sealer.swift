import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Turns a draft into bytes for the trail: each slot under the key of the one it belongs to. It never waits: keys that are not in
/// memory are told.
struct Sealer {
    let vault: Vault
    let trail: Bytes16

    /// - Throws: ``NotReady`` with every key of the draft, so that all are there at the next try; `VaultError`, `TrailError`.
    func seal(_ draft: Draft) throws -> SealedEntry {
        let payload: Payload
        do throws(VaultError) {
            payload = try self.payload(of: draft)
        } catch {
            guard case .keyNotLoaded = error else { throw error }
            throw NotReady(keys: draft.keys)
        }
        return try SealedEntry(header: draft.header, payload: payload)
    }

    private func payload(of draft: Draft) throws(VaultError) -> Payload {
        var payload = Payload()
        let entry = draft.header.id.bytes
        for actor in draft.actors {
            let place = SlotPlace(trail: trail, entry: entry, slot: UInt16(payload.items.count))
            let bytes = try vault.seal(actor.slot.encoded(), under: actor.pseudonym, role: actor.role, at: place)
            payload.items.append(Payload.Item(kind: actor.kind, bytes: bytes))
        }
        for subject in draft.subjects {
            let place = SlotPlace(trail: trail, entry: entry, slot: UInt16(payload.items.count))
            let bytes = try vault.seal(shortened(subject).encoded(), under: subject.pseudonym, role: .subject, at: place)
            payload.items.append(Payload.Item(kind: .subject, index: UInt16(subject.index), bytes: bytes))
        }
        for clear in draft.clear { payload.items.append(Payload.Item(kind: .clear, bytes: clear)) }
        return payload
    }

    /// The slot as it is kept: values that are too long as length and keyed hash.
    ///
    /// - Throws: `VaultError.keyNotLoaded`.
    func shortened(_ subject: Draft.SubjectItem) throws(VaultError) -> SubjectSlot {
        var slot = subject.slot
        for (field, change) in slot.changes {
            slot.changes[field] = try change.shortened(to: subject.valueByteCountMax) { bytes throws(VaultError) in
                try vault.largeValueHash(bytes, under: subject.pseudonym).hex
            }
        }
        return slot
    }
}

extension Draft {
    var keys: Set<NotReady.KeyWanted> {
        Set(actors.map { NotReady.KeyWanted(pseudonym: $0.pseudonym, role: $0.role) })
            .union(subjects.map { NotReady.KeyWanted(pseudonym: $0.pseudonym, role: .subject) })
    }
}
