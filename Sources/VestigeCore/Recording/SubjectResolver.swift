import VestigePolicy
import VestigeTrail
import VestigeVault

/// Whom an entry concerns, and to whom each before and after belongs.
struct SubjectResolver {
    let policy: Policy
    let rule: RecordRule?
    let entry: Entry

    func setSubjects(in resolved: inout ResolvedEntry) throws(RecordingError) {
        var subjects = try named()
        var own = entry.changes
        var move: (from: Int?, to: Int?)?
        if case .field(let type, let from)? = rule?.subject, let change = own.removeValue(forKey: from) {
            // A field that names a person: before belongs to the old person, after to the new one.
            let old = try place(of: change.before, type: type, in: &subjects)
            let new = try place(of: change.after, type: type, in: &subjects)
            if let old { subjects[old].add(from, before: change.before) }
            if let new { subjects[new].add(from, after: change.after) }
            note([from], in: &resolved)
            move = (old, new)
        }
        var personal: [String: FieldChange] = [:]
        for (field, change) in own {
            if rule?.isPersonal(field: field) ?? true { personal[field] = change } else { resolved.clearChanges[field] = change }
        }
        if !personal.isEmpty {
            // Personal values without a person have nobody whose erasure would reach them: the names of the fields stay, the values do not.
            if let move {
                // The record changed hands: what it said before is the old person's, what it says now the new one's.
                for (field, change) in personal {
                    if let old = move.from { subjects[old].add(field, before: change.before) }
                    if let new = move.to { subjects[new].add(field, after: change.after) }
                }
            } else if !subjects.isEmpty {
                subjects[0].changes.merge(personal) { own, _ in own }
            }
        }
        note(entry.fields, in: &resolved)
        note(own.keys.sorted(), in: &resolved)
        for subject in subjects { note(subject.changes.keys.sorted(), in: &resolved) }
        resolved.subjects = subjects
    }

    private func named() throws(RecordingError) -> [EntrySubject] {
        var subjects: [EntrySubject] = []
        var seen: Set<SubjectID> = []
        if let record = entry.record, let id = record.id, rule?.subject == .itself {
            let person = try self.person(record.type, id, "record")
            seen.insert(person)
            subjects.append(EntrySubject(person))
        }
        guard let given = entry.subjects else {
            if case .field? = rule?.subject {
                throw .refused(
                    member: "subjects", problem: "missing: the policy takes the person from a field; give them, or [] for nobody")
            }
            return subjects
        }
        for subject in given {
            guard policy.records[subject.id.type]?.subject == .itself else {
                throw .refused(member: "subjects", problem: "people are of a record type that the policy declares with \"subject: self\"")
            }
            if seen.insert(subject.id).inserted {
                subjects.append(subject)
            } else if let place = subjects.firstIndex(where: { $0.id == subject.id }) {
                subjects[place].changes.merge(subject.changes) { _, given in given }
            }
        }
        let isList = entry.record?.id == nil
        guard isList || subjects.count <= Header.subjectCountMax else {
            throw .refused(member: "subjects", problem: "\(subjects.count) people in one act, at most \(Header.subjectCountMax)")
        }
        return subjects
    }

    /// Where the person stands whom the naming field held; added if they are new here.
    private func place(of value: FieldValue?, type: String, in subjects: inout [EntrySubject]) throws(RecordingError) -> Int? {
        let id: String
        switch value {
        case .text(let text)? where !text.isEmpty: id = text
        case .integer(let number)?: id = String(number)
        case nil, .null?, .text?: return nil
        default: throw .refused(member: "changes", problem: "the field that names the person holds no id")
        }
        let person = try self.person(type, id, "changes")
        if let place = subjects.firstIndex(where: { $0.id == person }) { return place }
        subjects.append(EntrySubject(person))
        return subjects.count - 1
    }

    private func person(_ type: String, _ id: String, _ member: String) throws(RecordingError) -> SubjectID {
        do {
            return try SubjectID(type: type, id: id)
        } catch {
            throw .refused(member: member, problem: "\(error)")
        }
    }

    /// Declared names go to the header, the others are counted there and stand in the slot.
    private func note(_ names: [String], in resolved: inout ResolvedEntry) {
        for given in names {
            // In an act on many records a change is named after its record too: `142.assigned_to`.
            // The record's id stays with the person whose change it is: undeclared names stand in the first person's slot.
            let field = entry.record?.id == nil ? given.lastIndex(of: ".").map { String(given[given.index(after: $0)...]) } : nil
            let name = field.flatMap { rule?.fields.contains($0) == true || entry.fields.contains($0) ? $0 : nil } ?? given
            if rule?.fields.contains(name) == true {
                if !resolved.fields.contains(name) { resolved.fields.append(name) }
            } else if !resolved.other.contains(name) {
                resolved.other.append(name)
            }
        }
    }
}

extension EntrySubject {
    fileprivate mutating func add(_ field: String, before: FieldValue?) {
        guard let before else { return }
        changes[field] = FieldChange(before: before, after: changes[field]?.after)
    }

    fileprivate mutating func add(_ field: String, after: FieldValue?) {
        guard let after else { return }
        changes[field] = FieldChange(before: changes[field]?.before, after: after)
    }
}
