import VestigePolicy
import VestigeTrail
import VestigeVault

/// Holds an entry against the policy and fills in what it leaves out. Knows no person: it reads the entry alone.
struct EntryResolver {
    static let aheadMax = Timestamp.microsecondsPerDay
    static let textByteCountMax = 4096

    let policy: Policy
    let now: Timestamp

    func resolve(_ entry: Entry) throws(RecordingError) -> ResolvedEntry {
        let event = try self.event(entry.event)
        let rule = try self.rule(entry.record)
        let (channel, action) = try self.names(entry, event, rule)
        let occurredAt = entry.occurredAt ?? now
        guard occurredAt <= now.adding(microseconds: EntryResolver.aheadMax) else {
            throw .refused(member: "occurred_at", problem: "more than 24 hours ahead of the clock here")
        }
        guard occurredAt.microseconds >= 0, occurredAt <= Timestamp.latest else {
            throw .refused(member: "occurred_at", problem: "expected a time between 1970 and 9999")
        }
        let context = AuditContext.current
        // For whom somebody acts goes with who acts.
        let behalf = entry.onBehalfOf ?? (entry.actor == nil ? context?.onBehalfOf : nil)
        var resolved = ResolvedEntry(
            id: entry.id ?? EntryID.make(at: now), occurredAt: occurredAt, channel: channel, event: event, action: action,
            status: entry.status ?? .success, actor: try actor(entry), behalf: behalf, record: entry.record, rule: rule,
            subjects: [], fields: [], other: [], purpose: nil, activity: nil, recipient: nil, details: [:], correlationID: nil,
            sealedCorrelation: nil, page: nil, caseReference: entry.caseReference ?? context?.caseReference,
            justification: entry.justification ?? context?.justification,
            clearChanges: [:],
            description: entry.description)
        if let behalf { try check(actor: behalf, member: "on_behalf_of", mayLackID: false) }
        try setPurpose(of: entry, in: &resolved)
        if let recipient = entry.recipient { try declared(recipient, .recipient, "recipient") }
        resolved.recipient = entry.recipient
        resolved.details = try details(of: entry, action: action)
        setCorrelation(entry.correlationID ?? context?.correlationID, in: &resolved)
        resolved.page = try page(entry.page ?? AuditScope.slot?.page(for: entry.record?.id, of: entry.record?.type))
        try check(length: resolved.caseReference, "case")
        try check(length: resolved.justification, "justification")
        try check(entry.description)
        try SubjectResolver(policy: policy, rule: rule, entry: entry).setSubjects(in: &resolved)
        return resolved
    }

    private func event(_ text: String) throws(RecordingError) -> Event {
        guard let event = Event(rawValue: text) else {
            throw .refused(member: "event", problem: policy.refusal(of: text, as: .event) ?? "unknown event")
        }
        guard !event.isBuiltIn else { throw .refused(member: "event", problem: "\"\(text)\" is written by Vestige only") }
        return event
    }

    private func rule(_ record: RecordReference?) throws(RecordingError) -> RecordRule? {
        guard let record else { return nil }
        try declared(record.type, .record, "record.type")
        if let id = record.id, !(1...SubjectID.idByteCountMax).contains(id.utf8.count) {
            throw .refused(member: "record.id", problem: "expected 1 to \(SubjectID.idByteCountMax) bytes, found \(id.utf8.count)")
        }
        let rule = policy.records[record.type]
        if rule?.idIsClear == true, let id = record.id, !Code.isWellFormed(id) {
            throw .refused(
                member: "record.id", problem: "ids of this type stand in clear, so they are codes ([A-Za-z0-9][A-Za-z0-9._:-]{0,63})")
        }
        return rule
    }

    private func names(_ entry: Entry, _ event: Event, _ rule: RecordRule?) throws(RecordingError) -> (channel: String, action: String) {
        let type = entry.record?.type
        if let action = entry.action {
            if policy.isBuiltIn(action: action) { throw .refused(member: "action", problem: "such actions are written by Vestige only") }
            let isDefault = type.map { type in
                policy.channel(for: event, record: type).map {
                    policy.action(for: event, record: type, channel: entry.channel ?? $0) == action
                }
                    ?? false
            }
            if isDefault != true { try declared(action, .action, "action") }
        }
        if let channel = entry.channel {
            if policy.isBuiltIn(channel: channel) { throw .refused(member: "channel", problem: "this channel is written by Vestige only") }
            try declared(channel, .channel, "channel")
        }
        let standard = type.flatMap { policy.channel(for: event, record: $0) }
        guard let channel = entry.channel ?? entry.action.flatMap({ policy.actions[$0]?.channel }) ?? standard else {
            throw .refused(member: "record", problem: "an entry without a record needs a declared action or a channel")
        }
        guard let action = entry.action ?? type.map({ policy.action(for: event, record: $0, channel: channel) }) else {
            throw .refused(member: "action", problem: "an entry without a record needs an action that the policy declares")
        }
        guard policy.allows(action: action, event: event, channel: channel, record: type) else {
            throw .refused(member: "action", problem: "the policy declares this action with another event or channel")
        }
        return (channel, action)
    }

    private func actor(_ entry: Entry) throws(RecordingError) -> AuditActor {
        guard let actor = entry.actor ?? AuditContext.current?.actor else {
            throw .refused(member: "actor", problem: "nobody is named and the context has nobody either")
        }
        try check(actor: actor, member: "actor", mayLackID: entry.status == .failure)
        return actor
    }

    private func check(actor: AuditActor, member: String, mayLackID: Bool) throws(RecordingError) {
        if let role = actor.role { try declared(role, .role, "\(member).role") }
        switch (actor.kind, actor.id) {
        case (_, let id?):
            guard (1...SubjectID.idByteCountMax).contains(id.utf8.count) else {
                throw .refused(member: "\(member).id", problem: "expected 1 to \(SubjectID.idByteCountMax) bytes, found \(id.utf8.count)")
            }
            guard actor.kind != .anonymous else {
                throw .refused(member: "\(member).id", problem: "an anonymous actor has no id; say \"user\" or \"external\"")
            }
        case (.anonymous, nil), (.system, nil): break
        case (_, nil):
            guard mayLackID else {
                throw .refused(
                    member: "\(member).id", problem: "missing; without it only a failed act can be recorded, or an anonymous one")
            }
        }
        for text in [actor.name, actor.email, actor.ip, actor.userAgent, actor.session] { try check(length: text, member) }
    }

    private func setPurpose(of entry: Entry, in resolved: inout ResolvedEntry) throws(RecordingError) {
        let purpose = entry.purpose ?? AuditContext.current?.purpose
        if let purpose {
            try declared(purpose, .purpose, "purpose")
            resolved.purpose = purpose
            resolved.activity = policy.purposes[purpose]?.activity
        } else if resolved.event.isLook, resolved.status != .failure, resolved.rule?.reads.purposeIsRequired == true {
            throw .refused(
                member: "purpose",
                problem: "looks at this type need one; this policy declares: \(policy.purposes.codes.joined(separator: ", "))")
        }
    }

    private func details(of entry: Entry, action: String) throws(RecordingError) -> [String: HeaderDetail] {
        guard !entry.details.isEmpty else { return [:] }
        let kinds = policy.details(action: action, record: entry.record?.type)
        for (key, value) in entry.details {
            guard let kind = kinds[key] else {
                let known = kinds.codes.joined(separator: ", ")
                throw .refused(member: "details", problem: "a key is not declared here; declared are: \(known.isEmpty ? "none" : known)")
            }
            switch (kind, value) {
            case (.number, .integer), (.boolean, .boolean), (.time, .time): break
            case (.codes(let codes), .code(let code)) where codes.contains(code): break
            case (.codes(let codes), _):
                throw .refused(member: "details.\(key)", problem: "expected one of: \(codes.joined(separator: ", "))")
            case (.number, _): throw .refused(member: "details.\(key)", problem: "expected a whole number")
            case (.boolean, _): throw .refused(member: "details.\(key)", problem: "expected true or false")
            case (.time, _): throw .refused(member: "details.\(key)", problem: "expected a time as YYYY-MM-DDThh:mm:ss.ffffffZ")
            }
        }
        return entry.details
    }

    /// A UUID or a trace id names nobody and may stand in the header; anything else goes to the actor's slot.
    private func setCorrelation(_ text: String?, in resolved: inout ResolvedEntry) {
        guard let text else { return }
        if let uuid = UUIDText.read(text) {
            resolved.correlationID = UUIDText.write(uuid)
        } else if text.utf8.count == 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
            resolved.correlationID = text
        } else {
            resolved.sealedCorrelation = text
        }
    }

    private func page(_ page: String?) throws(RecordingError) -> String? {
        guard let page else { return nil }
        guard page.hasPrefix("/") else { throw .refused(member: "page", problem: "expected a path that begins with \"/\"") }
        guard !page.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw .refused(member: "page", problem: "a query string could name anybody; give the path alone")
        }
        try check(length: page, "page")
        return page
    }

    private func check(length text: String?, _ member: String) throws(RecordingError) {
        // Counted first: Swift 6.3's optimizer fails on a `guard let` of the borrowed text here.
        let byteCount = text?.utf8.count ?? 0
        guard byteCount > EntryResolver.textByteCountMax else { return }
        throw .refused(member: member, problem: "\(byteCount) bytes, at most \(EntryResolver.textByteCountMax) are kept")
    }

    private func check(_ description: EntryDescription?) throws(RecordingError) {
        guard let description else { return }
        try check(length: description.clearPart.template, "description")
        for value in description.clearPart.clear.values where !Code.isWellFormed(value) && Int64(value) == nil {
            throw .refused(member: "description", problem: "a clear part is neither a code nor a whole number; mark it as personal")
        }
    }

    private func declared(_ code: String, _ kind: CodeKind, _ member: String) throws(RecordingError) {
        if let problem = policy.refusal(of: code, as: kind) { throw .refused(member: member, problem: problem) }
    }
}
