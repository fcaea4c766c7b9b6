import Foundation
import VestigeCore
import VestigePolicy
import VestigeTrail
import VestigeVault

/// What one request leaves in the trail once its answer is known: the act that the policy's route says, together with every look that a
/// store took meanwhile.
///
/// | the route | and | becomes |
/// |---|---|---|
/// | shows a record | looks of stores | one entry: the route's record, everybody whom the looks concern, all fields |
/// | shows a record that concerns nobody | looks at others | one entry for the record, one for the others |
/// | shows a record | a list read beside it | one entry of its own for the list |
/// | shows a record | a store that does not have it | a failure, whatever was answered |
/// | changes a record | a store recorded that change | nothing more: it stands already |
/// | changes a record | no store did | one entry without before and after |
/// | changes a record | a store that does not have it and recorded nothing | a failure, whatever was answered |
/// | changes, or is unlogged | looks of stores | one entry for the records, one for the lists |
struct RequestEntries {
    private let look: RouteRule.Look?
    private let slot: RecordingSlot
    private let policy: Policy
    /// Looks that found something; of lists and of single records.
    private let singles: [Look]
    private let lists: [Look]
    private let misses: [Look]
    private let id: String?
    /// As path or host name it; nil where only a look tells which record it may be.
    private let namedID: String?
    /// The page that the route shows is empty: it shows nobody, which is not the same as saying nothing.
    private let showsEmptyPage: Bool
    /// The store has no record such as the path asks for, whatever the handler answers: nothing of it was shown.
    private let foundNobody: Bool

    /// - Parameter given: the record's id in the path, as the store would be asked for it.
    init(rule: RouteRule?, given: String?, looks: [Look], slot: RecordingSlot, policy: Policy) {
        look = rule?.look
        self.slot = slot
        self.policy = policy
        let found = looks.filter { $0.isFound && !$0.isEmptyList }
        let own = rule?.look.map { look in found.filter { $0.record.type == look.record } } ?? []
        // A store that was asked in another spelling than the path's (`+42`, a UUID in other case) knows which record that was. Any other
        // record that was opened, as the viewer's own, is not the one that was asked for.
        if rule?.look?.event.isLook == true, slot.recordID == nil, let given {
            let opened = own.compactMap(\.record.id).filter { RecordID.areOne($0, given) }
            slot.recordID = opened.contains(given) ? given : opened.first
        }
        let only = rule?.look.flatMap { Self.onlyRecord(of: $0.record, slot, own) }
        let isList = rule?.look.map { given == nil && slot.recordID == nil && $0.event.isLook && only == nil } ?? false
        let missed = looks.filter { !$0.isFound }
        misses = missed
        foundNobody =
            rule?.look.map { look in
                look.event.isLook && given != nil && slot.recordID == nil && slot.subjects == nil && own.isEmpty
                    && missed.contains { $0.record.type == look.record }
            } ?? false
        namedID = slot.recordID ?? given
        let tried = namedID ?? only
        showsEmptyPage = given == nil && looks.contains { $0.isEmptyList && $0.record.type == rule?.look?.record }
        // On a page of a list the records opened beside it are on it too; so are records opened one by one when they are too many for an
        // entry of records.
        let isOne = isList || Set(found.flatMap(\.people)).count <= Header.subjectCountMax
        singles = isList ? [] : found.filter { $0.record.id != nil && (isOne || $0.record.id == tried) }
        lists = isList ? found : found.filter { $0.record.id == nil || !(isOne || $0.record.id == tried) }
        // No record has an id of another length, so only a refused look gets here with one; it is recorded with the type alone.
        id = tried.flatMap { (1...SubjectID.idByteCountMax).contains($0.utf8.count) ? $0 : nil }
    }

    /// Why the answer may not be shown although the handler would; nil when nothing speaks against it.
    ///
    /// A change that no store recorded is done by now: withholding its answer undoes nothing, so it is withheld only for what it shows
    /// besides, or where nobody could say what was changed.
    var problem: Problem? {
        if let look, !(isChange && isRecorded) {
            // A list has no id of its own: the persons on it say what was seen.
            let isNamed =
                slot.subjects != nil || slot.streams || showsEmptyPage || !(lists + singles).isEmpty
                || (id != nil && !mustNamePersons(look))
            guard isNamed else { return .subjectMissing }
        }
        if isChange, singles.isEmpty, lists.isEmpty { return nil }
        if let purpose = slot.purpose {
            return policy.purposes.contains(purpose) ? nil : .purposeNeeded(given: true, by: policy)
        }
        let types = (singles + lists).map(\.record.type) + (look.map { $0.event.isLook ? [$0.record] : [] } ?? [])
        return types.contains { policy.records[$0]?.reads.purposeIsRequired == true } ? .purposeNeeded(given: false, by: policy) : nil
    }

    /// A look in which nobody was found and nobody named.
    var findNothing: Bool {
        !isChange && look != nil && singles.isEmpty && lists.isEmpty && slot.subjects == nil && slot.recordID == nil && !slot.streams
            && !showsEmptyPage
    }

    /// Whether the answer shows something that is recorded: only then is it withheld when that cannot be.
    var showsSomething: Bool { !isChange || !singles.isEmpty || !lists.isEmpty }

    /// The entries to record. Nobody signed in is `anonymous`; only an explicit actor is ever `system`.
    ///
    /// - Parameters:
    ///   - isDone: The handler answered with 2xx or 3xx: what it was to change is changed.
    ///   - isShown: That answer goes out as well: what was looked up is disclosed.
    func entries(isDone: Bool, isShown: Bool) -> [Entry] {
        let status: EntryStatus = isShown ? .success : .failure
        var entries: [Entry] = []
        if let look, !isChange {
            let (own, others) = foundNobody ? ([], singles) : looks(of: look, isShown: isShown)
            entries.append(entry(of: look, with: own, status: foundNobody ? .failure : status))
            if status == .success {
                entries += self.entries(of: others, status: status)
                if id != nil, !lists.isEmpty { entries.append(entry(of: lists, isList: true, status: status)) }
            }
        } else {
            if let look, !isRecorded { entries.append(entry(of: look, with: [], status: isDone && !isMissed ? .success : .failure)) }
            // What a refused change would have shown was not shown, and the refusal is recorded.
            if status == .success || entries.isEmpty && !isRecorded {
                entries += self.entries(of: singles, status: status)
                if !lists.isEmpty { entries.append(entry(of: lists, isList: true, status: status)) }
                if entries.isEmpty, let miss = misses.first { entries.append(entry(of: [miss], isList: false, status: .failure)) }
            }
        }
        if entries.count > 1 || slot.streams, slot.correlationID == nil {
            slot.correlationID = UUID().uuidString.lowercased()
            for place in entries.indices { entries[place].correlationID = slot.correlationID }
        }
        return entries
    }

    // MARK: The route's own act

    private var isChange: Bool { look.map { !$0.event.isLook } ?? false }

    private var isRecorded: Bool {
        look.map { slot.recorded(.init(event: $0.event.rawValue, record: $0.record, id: namedID)) } ?? false
    }

    private var isMissed: Bool {
        look.map { slot.missed(.init(event: $0.event.rawValue, record: $0.record, id: namedID)) } ?? false
    }

    private func isOwn(_ other: Look, of look: RouteRule.Look) -> Bool {
        other.record.type == look.record && other.record.id == id
    }

    /// The looks that stand in the route's own entry, and those that need one of their own.
    ///
    /// The first person of an entry is the one whose the record is: case, justification and the record's id go to them. So where it is
    /// nobody's, nobody may come first.
    private func looks(of look: RouteRule.Look, isShown: Bool) -> (own: [Look], others: [Look]) {
        guard id != nil else { return (lists, []) }
        let own = singles.filter { isOwn($0, of: look) }
        // What was opened beside a record that was then refused, as the viewer's own, was not shown.
        guard isShown else { return (own, []) }
        let named = slot.subjects
        if case .itself = policy.records[look.record]?.subject { return (singles, []) }
        guard named?.isEmpty ?? !own.isEmpty, own.allSatisfy(\.people.isEmpty) else { return (singles, []) }
        return (singles.filter { $0.people.isEmpty || isOwn($0, of: look) }, singles.filter { !$0.people.isEmpty })
    }

    private func entry(of look: RouteRule.Look, with looks: [Look], status: EntryStatus) -> Entry {
        var entry = base(look.event.rawValue, status)
        entry.record = RecordReference(type: look.record, id: status == .success ? id : triedID(of: look))
        entry.subjects = subjects(of: look, with: looks)
        // A refused look disclosed nothing. What the handler says is shown is final; else the route's fields and the stores' are.
        if status == .success { entry.fields = slot.fields ?? merged(look.fields, looks, besides: look.record) }
        entry.page = slot.page(for: id, of: look.record)
        entry.details = slot.details
        return entry
    }

    /// A refused look's id may be anything that somebody typed. Where ids stand in clear it is recorded only if handler or store say that
    /// there is such a record; otherwise it is sealed, in the page.
    private func triedID(of look: RouteRule.Look) -> String? {
        guard policy.records[look.record]?.idIsClear == true else { return id }
        return slot.recordID ?? singles.first { $0.record.type == look.record && $0.record.id == id }?.record.id
    }

    private func mustNamePersons(_ look: RouteRule.Look) -> Bool {
        if case .field = policy.records[look.record]?.subject { return true }
        return look.subjectFromStore
    }

    /// nil where the record itself is the person and nobody else is named: the recorder knows.
    private func subjects(of look: RouteRule.Look, with looks: [Look]) -> [EntrySubject]? {
        let named = slot.subjects
        let own = id == nil ? [] : looks.filter { isOwn($0, of: look) }
        let people = own.flatMap(\.people) + (named ?? []) + looks.flatMap(\.people)
        guard case .itself = policy.records[look.record]?.subject, let id else { return Self.distinct(people) }
        guard !people.isEmpty || named != nil, let itself = try? SubjectID(type: look.record, id: id) else { return nil }
        return Self.distinct([itself] + people)
    }

    // MARK: Looks of stores

    /// One entry, of the record that was looked up first; where that concerns nobody, the others' people become a second one.
    private func entries(of looks: [Look], status: EntryStatus) -> [Entry] {
        guard let first = looks.first else { return [] }
        let others = looks.filter { !$0.people.isEmpty }
        guard first.people.isEmpty, !others.isEmpty else { return [entry(of: looks, isList: false, status: status)] }
        return [looks.filter(\.people.isEmpty), others].map { entry(of: $0, isList: false, status: status) }
    }

    private func entry(of looks: [Look], isList: Bool, status: EntryStatus) -> Entry {
        let first = looks[0]
        var entry = base("read", status)
        entry.record = isList ? RecordReference(type: first.record.type, id: nil) : first.record
        entry.subjects = Self.distinct(looks.filter { $0.record == entry.record }.flatMap(\.people) + looks.flatMap(\.people))
        if status == .success { entry.fields = merged([], looks, besides: first.record.type) }
        entry.page = slot.page(for: isList ? nil : first.record.id, of: first.record.type)
        return entry
    }

    /// Fields of records of another type than the entry's are named with their type: `user.name`.
    private func merged(_ fields: [String], _ looks: [Look], besides type: String) -> [String] {
        var known = Set(fields)
        return fields
            + looks.flatMap { look in look.fields.map { look.record.type == type ? $0 : "\(look.record.type).\($0)" } }
            .filter { known.insert($0).inserted }
    }

    // MARK: Both

    private func base(_ event: String, _ status: EntryStatus) -> Entry {
        let context = slot.context
        return Entry(
            event: event, status: status, actor: context.actor, onBehalfOf: context.onBehalfOf,
            purpose: context.purpose.flatMap { policy.purposes.contains($0) ? $0 : nil }, caseReference: context.caseReference,
            justification: context.justification, correlationID: context.correlationID)
    }

    private static func distinct(_ people: [SubjectID]) -> [EntrySubject] {
        var seen: Set<SubjectID> = []
        return people.filter { seen.insert($0).inserted }.map { EntrySubject($0) }
    }

    /// The id where the path has none and exactly one record of the route's type was named or opened, as behind `GET /me`.
    private static func onlyRecord(of type: String, _ slot: RecordingSlot, _ own: [Look]) -> String? {
        if let persons = slot.subjects, persons.count == 1, persons[0].type == type { return persons[0].id }
        let ids = Set(own.map(\.record.id))
        return ids.count == 1 ? ids.first ?? nil : nil
    }
}

extension Look {
    /// Everybody whom it concerns.
    fileprivate var people: [SubjectID] {
        if let subjects { return subjects }
        return record.id.flatMap { try? SubjectID(type: record.type, id: $0) }.map { [$0] } ?? []
    }
}
