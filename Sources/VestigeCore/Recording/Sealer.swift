import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Somebody's erasure began after they were found: the entry is to be cast anew.
struct PersonErasedMeanwhile: Error, CustomStringConvertible {
    var description: String { "a person concerned was erased while it was being recorded; record it again" }
}

/// Turns a draft into bytes for the trail: each slot under the key of the one it belongs to.
struct Sealer {
    let vault: Vault
    let trail: Bytes16

    func seal(_ draft: Draft) async throws -> SealedEntry {
        var payload = Payload()
        let entry = draft.header.id.bytes
        for actor in draft.actors {
            let place = SlotPlace(trail: trail, entry: entry, slot: UInt16(payload.items.count))
            let bytes = try await seal(actor.slot.encoded(), under: actor.pseudonym, role: actor.role, at: place)
            payload.items.append(Payload.Item(kind: actor.kind, bytes: bytes))
        }
        for subject in draft.subjects {
            let place = SlotPlace(trail: trail, entry: entry, slot: UInt16(payload.items.count))
            let slot = try await shortened(subject)
            let bytes = try await seal(slot.encoded(), under: subject.pseudonym, role: .subject, at: place)
            payload.items.append(Payload.Item(kind: .subject, index: UInt16(subject.index), bytes: bytes))
        }
        for clear in draft.clear { payload.items.append(Payload.Item(kind: .clear, bytes: clear)) }
        return try SealedEntry(header: draft.header, payload: payload)
    }

    private func seal(_ plaintext: [UInt8], under pseudonym: Pseudonym, role: KeyRole, at place: SlotPlace) async throws -> [UInt8] {
        // A key may be evicted between being loaded and being used; an erasure meanwhile makes loading fail for good.
        for _ in 0..<3 {
            do throws(VaultError) {
                return try vault.seal(plaintext, under: pseudonym, role: role, at: place)
            } catch {
                guard case .keyNotLoaded = error else { throw error }
            }
            guard try await vault.load(pseudonym, role: role) != .erased else { throw PersonErasedMeanwhile() }
        }
        return try vault.seal(plaintext, under: pseudonym, role: role, at: place)
    }

    /// Values over 4 KiB are kept as length and keyed hash, so that size never loses an act.
    func shortened(_ subject: Draft.SubjectItem) async throws -> SubjectSlot {
        var slot = subject.slot
        for (field, change) in slot.changes where change.isLarge {
            slot.changes[field] = FieldChange(
                before: try await shortened(change.before, under: subject.pseudonym),
                after: try await shortened(change.after, under: subject.pseudonym))
        }
        return slot
    }

    private func shortened(_ value: FieldValue?, under pseudonym: Pseudonym) async throws -> FieldValue? {
        guard case .text(let text)? = value, text.utf8.count > FieldValue.byteCountMax else { return value }
        guard try await vault.load(pseudonym, role: .subject) != .erased else { throw PersonErasedMeanwhile() }
        let hash = try vault.largeValueHash(Array(text.utf8), under: pseudonym)
        return .large(byteCount: text.utf8.count, hash: hash.hex)
    }
}

extension FieldChange {
    fileprivate var isLarge: Bool {
        [before, after].contains { value in
            if case .text(let text)? = value { text.utf8.count > FieldValue.byteCountMax } else { false }
        }
    }
}
