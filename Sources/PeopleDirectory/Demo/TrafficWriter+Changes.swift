/// The part of the day on which something changes, and what is looked at afterwards.
extension TrafficWriter {
    static let bulkCount = 3
    static let aftermathCount = 3
    private static let savedCount = 70
    private static let reassignedCount = 30
    private static let promotedCount = 8

    /// Changes of single records, each of another one, so that their order does not matter; the hottest person's is the first.
    mutating func changes(_ count: Int) -> [PlannedRequest] {
        let people = [shelf[0]] + random.shuffled(Array(shelf.dropFirst().dropLast(Self.memberCount)))
        let devices = random.shuffled(hardware)
        return (0..<count).map { place in
            if place < Self.savedCount { return saved(people[place].id, isFirst: place == 0) }
            if place < Self.savedCount + Self.reassignedCount { return reassigned(devices[place].id, to: people) }
            if place < Self.savedCount + Self.reassignedCount + Self.promotedCount { return promoted(people[place].id) }
            return place.isMultiple(of: 2) ? forbiddenSave(of: hottest) : savedUnknown()
        }
    }

    /// A department is merged into another, and somebody leaves who has devices; a member may do neither.
    mutating func bulk() -> [PlannedRequest] {
        let names = Self.departments(people)
        let page = "/departments/move"
        let form = [FormField("from", names[0]), FormField("to", names[1])]
        let moved = people.filter { $0.department == names[0] }.map(\.id)
        let changes = moved.map { ExpectedChange(of: $0, "department", from: names[0], to: names[1]) }
        for id in moved { edit(id) { $0.department = names[1] } }
        let entry = ExpectedEntry(
            "updated", by: manager.id, "user", nil, subjects: moved, purpose: "support", page: page, changes: Set(changes))
        let refused = ExpectedEntry(
            "updated", by: members[0].id, "user", nil, subjects: [], isSuccess: false, purpose: "support", page: page)
        return [
            request(by: manager, page, form: form, purpose: "support", status: 303, [entry]),
            request(by: members[0], page, form: form, purpose: "support", status: 403, [refused]),
            removed(besides: Set(moved)),
        ]
    }

    /// What came of it: the contacts of the merged department, all page by page in one file, and a file that is refused.
    mutating func aftermath() -> [PlannedRequest] {
        let path = "/exports/people.csv"
        let everybody = people.map(\.id)
        // The export itself, with what it is; then each page, durable before its lines leave.
        var entries = [ExpectedEntry("exported", by: manager.id, "user", nil, subjects: [], purpose: "payroll", page: path)]
        for start in stride(from: 0, to: everybody.count, by: DepartmentRoutes.exportPageCount) {
            let page = Array(everybody[start...].prefix(DepartmentRoutes.exportPageCount))
            entries.append(ExpectedEntry("exported", by: manager.id, "user", nil, subjects: page, purpose: "payroll", page: path))
        }
        let refused = ExpectedEntry(
            "exported", by: members[0].id, "user", nil, subjects: [], isSuccess: false, purpose: "payroll", page: path)
        return [
            contacts(of: Self.departments(people)[0], by: manager),
            request(by: manager, path, purpose: "payroll", status: 200, entries),
            request(by: members[0], path, purpose: "payroll", status: 403, [refused]),
        ]
    }

    /// The nightly job's one entry: all whose birthday is the hottest person's too.
    func night() -> ExpectedEntry {
        let day = hottest.birthday.suffix(5)
        let subjects = people.filter { $0.birthday.hasSuffix(day) }.map(\.id)
        return ExpectedEntry("read", by: "nightly", "user", nil, subjects: subjects, purpose: "payroll", page: nil)
    }

    // MARK: Single records

    private mutating func saved(_ id: String, isFirst: Bool) -> PlannedRequest {
        let before = person(id)
        let kind = isFirst ? 0 : random.below(3)
        edit(id) { person in
            if kind == 0 { person.email = person.email.replacing("@", with: ".\(id)@") }
            if kind < 2 { person.phone = "+49 30 23125 9\(id)" }
            if kind > 0 { person.salary += 1500 }
        }
        let after = person(id)
        var changes: Set<ExpectedChange> = []
        for (field, old, new) in [
            ("email", before.email, after.email), ("phone", before.phone, after.phone), ("salary", "\(before.salary)", "\(after.salary)"),
        ] where old != new {
            changes.insert(ExpectedChange(of: id, field, from: old, to: new))
        }
        let actor = random.pick(staff)
        let page = "/people/\(id)"
        let entry = ExpectedEntry("updated", by: actor.id, "user", id, subjects: [id], purpose: "payroll", page: page, changes: changes)
        return request(by: actor, page, form: Self.form(of: after), purpose: "payroll", status: 303, [entry])
    }

    /// The device goes to somebody else: before belongs to the one, after to the other.
    private mutating func reassigned(_ id: String, to people: [MadeUpPerson]) -> PlannedRequest {
        let place = hardware.firstIndex { $0.id == id } ?? 0
        let old = hardware[place].assignedTo
        let actor = random.pick(staff)
        let new = random.pick(people.filter { ![id, old, actor.id].contains($0.id) }).id
        hardware[place].assignedTo = new
        var changes: Set = [ExpectedChange(of: new, "assigned_to", from: nil, to: new)]
        if let old { changes.insert(ExpectedChange(of: old, "assigned_to", from: old, to: nil)) }
        let page = "/hardware/\(id)"
        let form = [FormField("serial", hardware[place].serial), FormField("model", hardware[place].model), FormField("assigned_to", new)]
        let entry = ExpectedEntry(
            "updated", by: actor.id, "hardware", id, subjects: [new] + (old.map { [$0] } ?? []), purpose: "inventory", page: page,
            changes: changes)
        return request(by: actor, page, form: form, purpose: "inventory", status: 303, [entry])
    }

    private mutating func promoted(_ id: String) -> PlannedRequest {
        edit(id) { $0.role = .agent }
        let page = "/people/\(id)/role"
        // What somebody may do is not personal, says the policy, so it stands in clear.
        let change = ExpectedChange(of: nil, "role", from: "member", to: "agent")
        let entry = ExpectedEntry(
            "role_changed", by: admin.id, "user", id, subjects: [id], purpose: "audit", page: page, changes: [change])
        return request(by: admin, page, form: [FormField("role", "agent")], purpose: "audit", status: 303, [entry])
    }

    private mutating func removed(besides others: Set<String>) -> PlannedRequest {
        let actors = Set(actors.map(\.id))
        let holders = Set(hardware.compactMap(\.assignedTo))
        let leaver = random.pick(people.filter { holders.contains($0.id) && !others.union(actors).contains($0.id) && $0.id != hottest.id })
        let page = "/people/\(leaver.id)/remove"
        let devices = hardware.filter { $0.assignedTo == leaver.id }
        let back = devices.map { ExpectedChange(of: leaver.id, "\($0.id).assigned_to", from: leaver.id, to: nil) }
        let gone = [
            ("name", leaver.name), ("email", leaver.email), ("phone", leaver.phone), ("birthday", leaver.birthday),
            ("salary", "\(leaver.salary)"),
        ].map { ExpectedChange(of: leaver.id, $0.0, from: $0.1, to: nil) }
        let clear = [("role", leaver.role.rawValue), ("department", leaver.department)]
            .map { ExpectedChange(of: nil, $0.0, from: $0.1, to: nil) }
        people.removeAll { $0.id == leaver.id }
        for place in hardware.indices where hardware[place].assignedTo == leaver.id { hardware[place].assignedTo = nil }
        let entries = [
            ExpectedEntry(
                "updated", by: manager.id, "hardware", nil, subjects: [leaver.id], purpose: "inventory", page: "/people/{id}/remove",
                changes: Set(back)),
            ExpectedEntry(
                "deleted", by: manager.id, "user", leaver.id, subjects: [leaver.id], purpose: "inventory", page: page,
                changes: Set(gone + clear)),
        ]
        return request(by: manager, page, form: [], purpose: "inventory", status: 303, entries)
    }

    // MARK: Changes that are refused

    private mutating func forbiddenSave(of person: MadeUpPerson) -> PlannedRequest {
        let actor = random.pick(members)
        let page = "/people/\(person.id)"
        let entry = ExpectedEntry(
            "updated", by: actor.id, "user", person.id, subjects: [person.id], isSuccess: false, purpose: "support", page: page)
        return request(by: actor, page, form: Self.form(of: person), purpose: "support", status: 403, [entry])
    }

    private mutating func savedUnknown() -> PlannedRequest {
        let actor = random.pick(staff)
        let id = String(1000 + random.below(400))
        let page = "/people/\(id)"
        let entry = ExpectedEntry("updated", by: actor.id, "user", id, subjects: [], isSuccess: false, purpose: "support", page: page)
        return request(by: actor, page, form: Self.form(of: hottest), purpose: "support", status: 404, [entry])
    }

    // MARK: -

    private func person(_ id: String) -> MadeUpPerson {
        people.first { $0.id == id } ?? hottest
    }

    private mutating func edit(_ id: String, _ change: (inout MadeUpPerson) -> Void) {
        if let place = people.firstIndex(where: { $0.id == id }) { change(&people[place]) }
    }

    private static func form(of person: MadeUpPerson) -> [FormField] {
        [
            FormField("name", person.name), FormField("email", person.email), FormField("phone", person.phone),
            FormField("birthday", person.birthday), FormField("salary", String(person.salary)), FormField("department", person.department),
        ]
    }
}
