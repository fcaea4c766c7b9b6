package import VestigeCrypto
import VestigePolicy
package import VestigeTrail
import VestigeVault

/// An entry that only Vestige writes: channel `compliance`, actions `erasure.* retention.* policy.* key.* trail.* clock.* spool.* audit.*`.
package struct BuiltInEntry: Sendable {
    package var id: EntryID?
    package var action: String
    package var event: String
    package var status: EntryStatus = .success
    package var actor: AuditActor
    package var purpose: String?
    package var record: RecordHandle?
    package var subjects: [Bytes16] = []
    package var details: [String: HeaderDetail] = [:]
    package var recipient: String?
    package var caseReference: String?
    package var justification: String?
    /// What was asked, sealed for the one who asked.
    package var page: String?
    package var tried: String?
    /// Readable by all who may read the trail.
    package var clear: [[UInt8]] = []

    package init(action: String, event: String, actor: AuditActor, purpose: String? = nil) {
        self.action = action
        self.event = event
        self.actor = actor
        self.purpose = purpose
    }

    func draft(vault: Vault, policy: Policy, now: Timestamp) async throws -> Draft {
        var draft = Draft(
            header: Header(
                id: id ?? EntryID.make(at: now), occurredAt: now, channel: Code.complianceChannel, event: event, action: action,
                status: status, actor: ActorReference(type: actor.kind.rawValue, identity: .none, role: actor.role), record: record,
                subjects: subjects, purpose: purpose, activity: purpose.flatMap { policy.purposes[$0]?.activity }, recipient: recipient,
                details: details, policy: policy.digest),
            clear: clear)
        guard let id = actor.id,
            case .active(let pseudonym) = try await vault.admit(SubjectID(type: actor.kind.rawValue, id: id), as: .acting)
        else { return draft }
        draft.header.actor.identity = .pseudonym(pseudonym)
        var slot = ActorSlot()
        slot.id = id
        slot.name = actor.name
        slot.email = actor.email
        slot.ip = actor.ip
        slot.userAgent = actor.userAgent
        slot.session = actor.session
        slot.tried = tried
        slot.page = page
        slot.caseReference = caseReference
        slot.justification = justification
        draft.actors.append(Draft.ActorItem(kind: .actor, pseudonym: pseudonym, role: .acting, slot: slot))
        return draft
    }
}

extension Draft {
    init(header: Header, clear: [[UInt8]]) {
        self.header = header
        self.clear = clear
    }
}

extension EntryID {
    /// The id of a further part of the entry with this id: the same moment, the rest from a hash of id and number.
    package func derived(part: Int) -> EntryID {
        var input = bytes.bytes
        input.append(contentsOf: "\(part)".utf8)
        var raw = Array(bytes.bytes[..<6]) + sha256(input).bytes[..<10]
        raw[6] = 0x70 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return Bytes16(raw).flatMap { EntryID($0) } ?? self
    }
}
