import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Opens stored entries for one asker.
struct EntryOpener: Sendable {
    static let erasedMark = "[erased]"
    static let sealedMark = "[sealed]"

    let vault: Vault
    let trail: Bytes16
    let opensActors: Bool
    let opensSubjects: Bool
    /// Who is known to be erased without opening anything.
    var erased: Set<Bytes16> = []

    func open(_ stored: [StoredEntry]) async throws -> [OpenedEntry] {
        var opened: [OpenedEntry] = []
        opened.reserveCapacity(stored.count)
        for entry in stored { opened.append(try await open(entry)) }
        return opened
    }

    func open(_ stored: StoredEntry) async throws -> OpenedEntry {
        guard let leaf = Leaf(decoding: stored.leaf) else {
            throw TrailError.inconsistent("the leaf of entry \(stored.seq) cannot be read")
        }
        guard let body = stored.body else {
            return OpenedEntry(
                seq: stored.seq, recordedAt: leaf.recordedAt, header: nil, id: leaf.id, leaf: stored.leaf,
                isRedacted: stored.redactedBy != nil)
        }
        let header = try Header(decoding: body.header)
        var entry = OpenedEntry(seq: stored.seq, recordedAt: leaf.recordedAt, header: header, id: leaf.id, leaf: stored.leaf)
        entry.actor = OpenedActor(header.actor)
        entry.behalf = header.behalf.map(OpenedActor.init)
        entry.subjects = header.subjects.map { OpenedSubject(pseudonym: $0, isErased: erased.contains($0)) }
        if let actor = header.actor.pseudonym, erased.contains(actor) { entry.actor?.isErased = true }
        if let behalf = header.behalf?.pseudonym, erased.contains(behalf) { entry.behalf?.isErased = true }
        var personal: [Int: String] = [:]
        for (number, item) in try Payload(decoding: body.payload).items.enumerated() {
            let place = SlotPlace(trail: trail, entry: header.id.bytes, slot: UInt16(number))
            switch item.kind {
            case .clear: if let changes = ClearChanges.decode(item.bytes) { entry.clearChanges.merge(changes) { old, _ in old } }
            case .actor: try await openActor(item, of: header.actor, header, at: place, into: &entry)
            case .behalf: if let behalf = header.behalf { try await openActor(item, of: behalf, header, at: place, into: &entry) }
            case .subject: personal.merge(try await openSubject(item, header, at: place, into: &entry)) { own, _ in own }
            }
        }
        let missing = entry.subjects.first?.isErased == true ? EntryOpener.erasedMark : EntryOpener.sealedMark
        entry.text = header.description?.rendered(personal: personal, missing: missing)
        return entry
    }

    private func openActor(
        _ item: Payload.Item, of actor: ActorReference, _ header: Header, at place: SlotPlace, into entry: inout OpenedEntry
    ) async throws {
        guard opensActors else { return }
        let key: (Bytes16, KeyRole)
        switch actor.identity {
        case .oneself:
            // Under the subject's key, and it says who the pseudonym beside it is.
            guard opensSubjects else { return }
            key = (header.subjects.first ?? .zero, .subject)
        // The slot's second byte says under which of the actor's keys it is sealed.
        case .pseudonym(let pseudonym): key = (pseudonym, item.bytes.count > 1 ? KeyRole(rawValue: item.bytes[1]) ?? .acting : .acting)
        case .none: return
        }
        var opened = item.kind == .actor ? entry.actor : entry.behalf
        switch try await contents(of: item, under: key.0, role: key.1, at: place, ActorSlot.init(decoding:)) {
        case .slot(let slot):
            opened?.id = slot.id
            opened?.name = slot.name
            opened?.email = slot.email
            opened?.ip = slot.ip
            opened?.userAgent = slot.userAgent
            opened?.session = slot.session
            entry.tried = slot.tried ?? entry.tried
            entry.page = entry.page ?? slot.page
            entry.caseReference = entry.caseReference ?? slot.caseReference
            entry.justification = entry.justification ?? slot.justification
        case .erased: opened?.isErased = true
        case .unreadable: entry.isUnreadable = true
        }
        if item.kind == .actor { entry.actor = opened } else { entry.behalf = opened }
    }

    private func openSubject(
        _ item: Payload.Item, _ header: Header, at place: SlotPlace, into entry: inout OpenedEntry
    ) async throws -> [Int: String] {
        let index = Int(item.index)
        guard opensSubjects, index < entry.subjects.count else { return [:] }
        let pseudonym = entry.subjects[index].pseudonym
        let slot: SubjectSlot
        switch try await contents(of: item, under: pseudonym, role: .subject, at: place, SubjectSlot.init(decoding:)) {
        case .slot(let found): slot = found
        case .erased:
            entry.subjects[index].isErased = true
            return [:]
        case .unreadable:
            entry.isUnreadable = true
            return [:]
        }
        entry.subjects[index].recordID = slot.id
        entry.subjects[index].changes = slot.changes
        entry.subjects[index].other = slot.other
        entry.page = slot.page ?? entry.page
        entry.caseReference = slot.caseReference ?? entry.caseReference
        entry.justification = slot.justification ?? entry.justification
        return slot.description
    }

    private enum Contents<Slot> {
        case slot(Slot)
        case erased
        case unreadable
    }

    /// One slot that does not open must not hide the rest of a page: `vestige verify` says what is wrong with it.
    private func contents<Slot>(
        of item: Payload.Item, under pseudonym: Bytes16, role: KeyRole, at place: SlotPlace,
        _ decode: ([UInt8]) throws(TrailError) -> Slot
    ) async throws -> Contents<Slot> {
        do {
            switch try await vault.open(item.bytes, under: pseudonym, role: role, at: place) {
            case .plaintext(let bytes): return .slot(try decode(bytes))
            case .erased: return .erased
            }
        } catch VaultError.slotDamaged, VaultError.unknownPseudonym, VaultError.wrongRole {
            return .unreadable
        } catch is TrailError {
            return .unreadable
        }
    }
}

extension OpenedActor {
    init(_ reference: ActorReference) {
        self.init(
            type: reference.type, role: reference.role, pseudonym: reference.pseudonym, isSelf: reference.identity == .oneself,
            isErased: false)
    }
}
