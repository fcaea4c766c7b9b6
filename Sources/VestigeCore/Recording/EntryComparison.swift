import VestigeCrypto
import VestigeTrail
import VestigeVault

/// Holds an entry against the one that stands under its id. Compared are only the fields given; after a prune, a
/// redaction or an erasure the id alone decides.
struct EntryComparison {
    let vault: Vault
    let trail: Bytes16
    let given: Entry
    let draft: Draft
    let cast: Cast

    /// The member that differs, or `nil`.
    func difference(from stored: StoredEntry) async throws -> String? {
        guard let body = stored.body, !cast.subjects.contains(.erased) else { return nil }
        let header = try Header(decoding: body.header)
        if let member = difference(from: header) { return member }
        return try await difference(from: try Payload(decoding: body.payload), header)
    }

    private func difference(from stored: Header) -> String? {
        let mine = draft.header
        if mine.event != stored.event { return "event" }
        if mine.channel != stored.channel { return "channel" }
        if mine.action != stored.action { return "action" }
        if given.status != nil, mine.status != stored.status { return "status" }
        if given.occurredAt != nil, mine.occurredAt != stored.occurredAt { return "occurred_at" }
        if mine.actor.type != stored.actor.type { return "actor" }
        if mine.actor.role != nil, mine.actor.role != stored.actor.role { return "actor" }
        if cast.actor.isUnknown { return "actor" }
        // An erased actor has no pseudonym any more.
        if mine.actor.identity != .none, mine.actor.identity != stored.actor.identity { return "actor" }
        if let behalf = mine.behalf {
            guard behalf.type == stored.behalf?.type, cast.behalf?.isUnknown != true else { return "on_behalf_of" }
            if behalf.identity != .none, behalf.identity != stored.behalf?.identity { return "on_behalf_of" }
        }
        if mine.record?.type != stored.record?.type { return "record" }
        // A failed look at somebody unknown; who has come to be known since is no contradiction.
        if stored.status == .failure, stored.record != nil, stored.record?.handle == nil, stored.record?.id == nil { return fields(stored) }
        if mine.record?.id != stored.record?.id { return "record" }
        if let handle = mine.record?.handle, handle != stored.record?.handle { return "record" }
        if cast.recordIsUnknown { return "record" }
        if Set(mine.subjects) != Set(stored.subjects) { return "subjects" }
        return fields(stored)
    }

    private func fields(_ stored: Header) -> String? {
        let mine = draft.header
        if !mine.fields.isEmpty, mine.fields != stored.fields { return "fields" }
        if mine.other > 0, mine.other != stored.other { return "fields" }
        if mine.purpose != nil, mine.purpose != stored.purpose { return "purpose" }
        if mine.recipient != nil, mine.recipient != stored.recipient { return "recipient" }
        if !mine.details.isEmpty, mine.details != stored.details { return "details" }
        if given.correlationID != nil, mine.correlationID != nil, mine.correlationID != stored.correlationID { return "correlation_id" }
        if mine.description != nil, mine.description != stored.description { return "description" }
        return nil
    }

    private func difference(from stored: Payload, _ header: Header) async throws -> String? {
        let clear = stored.items.filter { $0.kind == .clear }.map(\.bytes)
        if !draft.clear.isEmpty, draft.clear != clear { return "changes" }
        let sealer = Sealer(vault: vault, trail: trail)
        for (number, item) in stored.items.enumerated() where item.kind != .clear {
            let place = SlotPlace(trail: trail, entry: header.id.bytes, slot: UInt16(number))
            switch item.kind {
            case .actor, .behalf:
                guard let mine = draft.actors.first(where: { $0.kind == item.kind }) else { continue }
                guard case .plaintext(let bytes) = try await vault.open(item.bytes, under: mine.pseudonym, role: mine.role, at: place)
                else {
                    continue
                }
                if !mine.slot.agrees(with: try ActorSlot(decoding: bytes)) { return item.kind == .actor ? "actor" : "on_behalf_of" }
            case .subject:
                guard Int(item.index) < header.subjects.count,
                    let mine = draft.subjects.first(where: { $0.pseudonym == header.subjects[Int(item.index)] }),
                    case .plaintext(let bytes) = try await vault.open(item.bytes, under: mine.pseudonym, role: .subject, at: place)
                else { continue }
                guard try await vault.load(mine.pseudonym, role: .subject) != .erased else { continue }
                if !(try sealer.shortened(mine)).agrees(with: try SubjectSlot(decoding: bytes)) {
                    return "changes, page, case or justification"
                }
            case .clear: continue
            }
        }
        return nil
    }
}
