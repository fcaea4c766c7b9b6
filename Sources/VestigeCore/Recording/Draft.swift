import Foundation
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// An entry with its people named by pseudonym and its slots in plaintext, ready to be sealed or compared.
struct Draft: Sendable {
    struct ActorItem: Sendable {
        let kind: Payload.Kind
        let pseudonym: Pseudonym
        let role: KeyRole
        var slot: ActorSlot
    }

    struct SubjectItem: Sendable {
        var index: Int
        let pseudonym: Pseudonym
        var slot: SubjectSlot
        /// Longer values are kept as length and keyed hash.
        var valueByteCountMax = FieldValue.byteCountMax
    }

    /// Detail that Vestige adds where people concerned are erased.
    static let erasedSubjectsDetail = "erased_subjects"
    /// Detail that Vestige adds to an act of which only the intent is known: `unknown`.
    static let outcomeDetail = "outcome"

    var header: Header
    var actors: [ActorItem] = []
    var subjects: [SubjectItem] = []
    var clear: [[UInt8]] = []

    init(_ entry: ResolvedEntry, cast: Cast, policy: Policy) {
        header = Header(
            id: entry.id, occurredAt: entry.occurredAt, channel: entry.channel, event: entry.event.rawValue, action: entry.action,
            status: entry.status,
            actor: ActorReference(type: entry.actor.kind.rawValue, identity: cast.actor.identity, role: entry.actor.role),
            behalf: entry.behalf.flatMap { behalf in
                cast.behalf.map { ActorReference(type: behalf.kind.rawValue, identity: $0.identity, role: behalf.role) }
            },
            record: entry.record.map { record in
                RecordHandle(type: record.type, id: entry.rule?.idIsClear == true ? record.id : nil, handle: cast.handle)
            },
            fields: entry.fields, other: entry.other.count, purpose: entry.purpose, activity: entry.activity,
            correlationID: entry.correlationID, recipient: entry.recipient, details: entry.details, policy: policy.digest,
            description: entry.description?.clearPart)
        if cast.actor.identity == .oneself { header.correlationID = nil }
        let erased = cast.subjects.count { $0 == .erased }
        if erased > 0 { header.details[Draft.erasedSubjectsDetail] = .integer(Int64(erased)) }
        if entry.isIntent { header.details[Draft.outcomeDetail] = .code("unknown") }
        addSubjects(entry, cast)
        addActor(entry.actor, cast.actor, .actor, entry, cast)
        if let behalf = entry.behalf, let player = cast.behalf { addActor(behalf, player, .behalf, entry, cast) }
        if !entry.clearChanges.isEmpty { clear.append(ClearChanges.encode(entry.clearChanges, valuesUpTo: FieldValue.byteCountMax)) }
        if entry.mustFit { fit(entry.clearChanges) }
    }

    private mutating func addSubjects(_ entry: ResolvedEntry, _ cast: Cast) {
        for (place, standing) in cast.subjects.enumerated() {
            guard case .active(let pseudonym) = standing else { continue }
            header.subjects.append(pseudonym)
            guard !entry.isList else { continue }
            var slot = SubjectSlot()
            slot.changes = entry.subjects[place].changes
            let isFirst = place == 0
            let idIsClear = entry.rule?.idIsClear == true
            // An act on many people has no record of its own: each slot bears its own person's id.
            if entry.recordIsPerson, entry.record?.id == nil { slot.id = entry.subjects[place].id.id }
            if isFirst, !idIsClear, let id = entry.record?.id { slot.id = id }
            if isFirst || idIsClear { slot.page = Draft.page(entry, for: place) }
            if isFirst {
                slot.description = entry.description?.personal ?? [:]
                slot.caseReference = entry.caseReference
                slot.justification = entry.justification
                slot.other = entry.other
            }
            subjects.append(SubjectItem(index: header.subjects.count - 1, pseudonym: pseudonym, slot: slot))
        }
    }

    private mutating func addActor(_ actor: AuditActor, _ player: Cast.Player, _ kind: Payload.Kind, _ entry: ResolvedEntry, _ cast: Cast) {
        guard let key = player.key else { return }
        var slot = ActorSlot()
        slot.id = actor.id
        slot.name = actor.name
        slot.email = actor.email
        slot.ip = actor.ip
        slot.userAgent = actor.userAgent
        slot.session = actor.session
        if kind == .actor {
            if cast.recordIsUnknown { slot.tried = entry.record?.id }
            if player.identity != .oneself { slot.correlation = entry.sealedCorrelation }
            // Where somebody concerned is erased, what was said of them has no slot any more and goes nowhere.
            if subjects.isEmpty, entry.isList || !cast.subjects.contains(.erased) {
                slot.page = entry.page
                slot.caseReference = entry.caseReference
                slot.justification = entry.justification
                slot.other = entry.other
            }
        }
        actors.append(ActorItem(kind: kind, pseudonym: key.pseudonym, role: key.role, slot: slot))
    }

    /// The page as this subject may keep it: segments that are other people's ids are blanked.
    private static func page(_ entry: ResolvedEntry, for place: Int) -> String? {
        guard let page = entry.page, entry.subjects.count > 1 else { return entry.page }
        let others = Set(entry.subjects.enumerated().filter { $0.offset != place }.map(\.element.id.id))
        return page.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            others.contains(String(segment).removingPercentEncoding ?? String(segment)) ? "{id}" : String(segment)
        }.joined(separator: "/")
    }
}
