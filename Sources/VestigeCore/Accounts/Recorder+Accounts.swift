import VestigePolicy
import VestigeTrail
public import VestigeVault

/// Acts on accounts. No route and no store knows whether somebody came in, so the host says it where it finds out.
///
/// Each is recorded under the action that the policy declares with its event (`auth.sign_in: { channel: auth, event: signed_in }`). In a
/// request, address, user agent and session come from the request's ``RecordingSlot`` where the actor has none.
extension Recorder {
    /// What was typed at a failed sign-in is kept up to here, the longest address there is (RFC 5321, erratum 1690), in bytes.
    public static let typedByteCountMax = 254

    /// Somebody came in.
    ///
    /// - Parameters:
    ///   - record: The account; the actor's own record if left out and the policy declares the actor's type as a person. The entry
    ///     then says `self`, so that what people do and what is known of them stay apart.
    ///   - action: Needed only where the policy declares several actions with this event.
    /// - Throws: ``RecordingError/refused(member:problem:)`` when the policy declares no such action, or several;
    ///   ``RecordingError/unavailable(_:)``: let nobody in then.
    @discardableResult
    public func recordSignIn(of actor: AuditActor, as record: RecordReference? = nil, action: String? = nil) async throws -> Receipt {
        try await recordAccount(.signedIn, by: actor, record: record ?? ownRecord(of: actor), action: action)
    }

    /// Somebody left. Record it before the session ends. Parameters as for ``recordSignIn(of:as:action:)``.
    ///
    /// - Returns: nil where the trail does not take the entry at the moment: it waits in the spool then, and is durable all the same.
    /// - Throws: ``RecordingError``; nothing was recorded.
    @discardableResult
    public func recordSignOut(of actor: AuditActor, as record: RecordReference? = nil, action: String? = nil) async throws -> Receipt? {
        try await keepAccount(.signedOut, by: actor, record: record ?? ownRecord(of: actor), action: action)
    }

    /// Somebody tried to come in and did not. Nobody comes to be known by it, whatever was typed.
    ///
    /// - Parameters:
    ///   - typed: The address or name that was tried, cut to ``typedByteCountMax`` bytes; sealed as the visitor's e-mail. Never a password.
    ///   - type: Of the records that people sign in to; `user` if left out and the policy declares it as a person.
    ///   - action: As for ``recordSignIn(of:as:action:)``.
    /// - Throws: ``RecordingError``.
    @discardableResult
    public func recordSignInFailure(trying typed: String?, to type: String? = nil, action: String? = nil) async throws -> Receipt {
        var actor = AuditActor.anonymous
        actor.email = typed.map { $0.cut(toByteCount: Recorder.typedByteCountMax) }
        let type = type ?? ownRecord(of: AuditActor(.user))?.type
        let record = type.map { RecordReference(type: $0, id: nil) }
        return try await recordAccount(.signInFailed, by: actor, record: record, status: .failure, action: action)
    }

    /// What somebody may do was changed. For a change that the host has just made; where a ``RecordedStore`` makes it, the store's entry
    /// has before and after already.
    ///
    /// - Parameters:
    ///   - person: Whose role it is.
    ///   - old: nil where there was none.
    ///   - new: nil where there is none any more.
    ///   - field: Under which the policy knows it: in clear if it is declared `personal: no`, else sealed for `person`.
    ///   - actor: Who changed it; from the ``AuditContext`` if left out.
    ///   - action: As for ``recordSignIn(of:as:action:)``.
    /// - Returns: nil where the trail does not take the entry at the moment: it waits in the spool then, and is durable all the same.
    /// - Throws: ``RecordingError``; nothing was recorded.
    @discardableResult
    public func recordRoleChange(
        of person: SubjectID, from old: String?, to new: String?, field: String = "role", by actor: AuditActor? = nil, action: String? = nil
    ) async throws -> Receipt? {
        let change = FieldChange(before: old.map { .text($0) }, after: new.map { .text($0) })
        return try await keepAccount(
            .roleChanged, by: actor, record: RecordReference(person), changes: [field: change], action: action)
    }

    private func recordAccount(
        _ event: Event, by actor: AuditActor?, record: RecordReference?, status: EntryStatus = .success, action: String?
    ) async throws -> Receipt {
        try await self.record(entry(event, by: actor, record: record, status: status, changes: [:], action: action))
    }

    /// Of what has happened, which no refusal undoes.
    private func keepAccount(
        _ event: Event, by actor: AuditActor?, record: RecordReference?, changes: [String: FieldChange] = [:], action: String?
    ) async throws -> Receipt? {
        try await recordOrKeep(entry(event, by: actor, record: record, status: .success, changes: changes, action: action))
    }

    private func entry(
        _ event: Event, by actor: AuditActor?, record: RecordReference?, status: EntryStatus, changes: [String: FieldChange],
        action: String?
    ) throws -> Entry {
        // Where the record is no person it names nobody; else the record says whom it concerns.
        let isPerson = record.map { $0.id != nil && policy.records[$0.type]?.subject == .itself } ?? false
        return Entry(
            event: event.rawValue, action: try action ?? onlyAction(with: event), status: status,
            actor: actor.map { AuditScope.slot?.signing($0) ?? $0 }, record: record, subjects: isPerson ? nil : [], changes: changes)
    }

    private func onlyAction(with event: Event) throws(RecordingError) -> String {
        let found = policy.actions.pairs.filter { $0.value.event == event }
        if found.count == 1 { return found[0].code }
        throw .refused(
            member: "action",
            problem: found.isEmpty
                ? "the policy declares no action with the event \"\(event.rawValue)\"; add one under actions, as "
                    + "\"auth.\(event.rawValue): { channel: auth, event: \(event.rawValue) }\""
                : "the policy declares several actions with the event \"\(event.rawValue)\": "
                    + "\(found.map(\.code).joined(separator: ", ")); say which one is meant")
    }

    private func ownRecord(of actor: AuditActor) -> RecordReference? {
        let type = actor.kind.rawValue
        return policy.records[type]?.subject == .itself ? RecordReference(type: type, id: actor.id) : nil
    }
}

extension RecordingSlot {
    /// `actor` with address and user agent of this request, and with the session if it is theirs.
    fileprivate func signing(_ actor: AuditActor) -> AuditActor {
        var signed = completed(actor)
        if let known = self.actor, known.kind == actor.kind, known.id == actor.id { signed.session = actor.session ?? known.session }
        return signed
    }
}

extension String {
    /// The longest beginning of whole characters that fits.
    fileprivate func cut(toByteCount countMax: Int) -> String {
        var end = startIndex
        var count = 0
        while end < endIndex, count + self[end].utf8.count <= countMax {
            count += self[end].utf8.count
            end = index(after: end)
        }
        return String(self[..<end])
    }
}
