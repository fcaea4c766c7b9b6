package import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Authenticates what was written down for a trail that the present one goes on from.
package struct OlderSpool: Sendable {
    /// The id of that trail.
    package let trail: Bytes16
    package let key: SpoolKey

    package init(trail: Bytes16, key: SpoolKey) {
        self.trail = trail
        self.key = key
    }
}

extension Recorder {
    /// Acts that were sealed for an older trail, sealed for this one: a slot opens only in the trail that it was made for.
    ///
    /// Headers stay as they are, ids among them, so doing it twice records once. A slot whose key is gone stays as it is; nobody opens it.
    ///
    /// - Throws: ``RecordingError/unavailable(_:)``
    package func resealed(_ batch: SealedBatch, from older: Bytes16) async throws -> SealedBatch {
        try await whileAvailable {
            var entries: [SealedEntry] = []
            for entry in batch.entries {
                var payload = try Payload(decoding: entry.payloadBytes)
                for place in payload.items.indices {
                    guard let key = Self.key(of: payload.items[place], entry.header) else { continue }
                    let slot = { (trail: Bytes16) in SlotPlace(trail: trail, entry: entry.header.id.bytes, slot: UInt16(place)) }
                    let item = payload.items[place]
                    guard
                        let bytes = try await resealed(item.bytes, key.pseudonym, key.role, from: slot(older), to: slot(trail.identity.id))
                    else { continue }
                    payload.items[place] = Payload.Item(kind: item.kind, index: item.index, bytes: bytes)
                }
                entries.append(try SealedEntry(header: entry.header, payload: payload))
            }
            return try SealedBatch(entries)
        }
    }

    /// `nil` where nothing opens.
    private func resealed(
        _ bytes: [UInt8], _ pseudonym: Bytes16, _ role: KeyRole, from: SlotPlace, to place: SlotPlace
    ) async throws -> [UInt8]? {
        let opened: Opened
        do {
            opened = try await vault.open(bytes, under: pseudonym, role: role, at: from)
        } catch VaultError.unknownPseudonym, VaultError.slotDamaged, VaultError.wrongRole {
            return nil
        }
        guard case .plaintext(let plaintext) = opened else { return nil }
        return try await vault.sealLoading(plaintext, under: pseudonym, role: role, at: place)
    }

    /// Whose key an item is sealed under, and which; `nil` for what is clear.
    private static func key(of item: Payload.Item, _ header: Header) -> (pseudonym: Bytes16, role: KeyRole)? {
        // The second byte of a slot is the role of its key.
        guard item.bytes.count > 1, let role = KeyRole(rawValue: item.bytes[1]) else { return nil }
        switch item.kind {
        case .clear: return nil
        case .subject: return Int(item.index) < header.subjects.count ? (header.subjects[Int(item.index)], role) : nil
        case .actor, .behalf:
            guard let actor = item.kind == .actor ? header.actor : header.behalf else { return nil }
            return (actor.identity == .oneself ? header.subjects.first : actor.pseudonym).map { ($0, role) }
        }
    }
}
