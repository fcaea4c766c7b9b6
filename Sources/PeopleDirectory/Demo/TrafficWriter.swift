/// Writes the plan's requests down, one kind each. It keeps its own books of who is where, so that it knows what each change finds.
struct TrafficWriter {
    let staff: [MadeUpPerson]
    let members: [MadeUpPerson]
    let hottest: MadeUpPerson
    var people: [MadeUpPerson]
    var hardware: [Hardware]
    /// The people whose pages are opened at all: the hottest first.
    let shelf: [MadeUpPerson]
    var random: SplitMix64
    private var number = 0
    /// People whom the vault knows once the first phase is over.
    private var opened: Set<String> = []

    static let purposes = ["support", "support", "support", "payroll", "audit"]
    static let staffCount = 7
    static let memberCount = 5

    init(people: [MadeUpPerson], hardware: [Hardware], seed: UInt64) {
        random = SplitMix64(seed: seed ^ 0x5452_4146_4649_43)
        self.people = people
        self.hardware = hardware
        let everybody = random.shuffled(people.filter(\.role.opensEverything))
        // Agents do most of the work; a manager and an admin do what only they may.
        let leading = [Role.manager, .admin].compactMap { role in everybody.first { $0.role == role } }
        staff = Array(everybody.filter { $0.role == .agent }.prefix(Self.staffCount - leading.count)) + leading
        let ordinary = random.shuffled(people.filter { !$0.role.opensEverything })
        members = Array(ordinary.prefix(Self.memberCount))
        shelf = Array(ordinary.dropFirst(Self.memberCount)) + members
        hottest = shelf[0]
    }

    var actors: [MadeUpPerson] { staff + members }
    var manager: MadeUpPerson { staff[staff.count - 2] }
    var admin: MadeUpPerson { staff[staff.count - 1] }

    /// Looks that succeed: everybody who is refused later has been opened here.
    mutating func looks(_ count: Int) -> [PlannedRequest] {
        (0..<count).map { _ in
            switch random.below(40) {
            case 0...25: return personPage()
            case 26...29: return editForm()
            case 30...34: return devicePage()
            case 35...36: return ownPage()
            case 37: return contacts(of: random.pick(Self.departments(people)), by: random.pick(staff.dropFirst().map { $0 }))
            default: return list()
            }
        }
    }

    /// The same, with one request in four refused.
    mutating func looksAndRefusals(_ count: Int) -> [PlannedRequest] {
        // Sets have no order of their own, and the plan must be the same each time.
        let known = people.filter { opened.contains($0.id) }
        return (0..<count).map { _ in
            switch random.below(24) {
            case 0...9: return personPage()
            case 10...12: return editForm()
            case 13...15: return devicePage()
            case 16: return ownPage()
            case 17: return list()
            case 18: return refused(random.pick(known), by: nil, status: 401)
            case 19: return random.below(4) == 0 ? forbiddenContacts() : forbidden(among: known)
            case 20: return forbiddenDevice(known)
            case 21: return unknown()
            case 22: return refused(random.pick(known), by: random.pick(staff), purpose: nil, status: 428)
            default: return refused(hottest, by: random.pick(staff), purpose: "curiosity", status: 428)
            }
        }
    }

    // MARK: Looks that succeed

    private mutating func personPage() -> PlannedRequest {
        let person = somebody()
        return look(at: person, by: member(of: staff), path: "/people/\(person.id)", purpose: random.pick(Self.purposes))
    }

    private mutating func editForm() -> PlannedRequest {
        let person = somebody()
        return look(at: person, by: member(of: staff), path: "/people/\(person.id)/edit", purpose: "payroll")
    }

    private mutating func ownPage() -> PlannedRequest {
        let person = random.pick(actors)
        opened.insert(person.id)
        let page = "/people/\(person.id)"
        let entry = ExpectedEntry("read", by: person.id, "user", person.id, subjects: [person.id], purpose: "own", page: page)
        return request(by: person, page, purpose: nil, status: 200, [entry])
    }

    private mutating func devicePage() -> PlannedRequest {
        let actor = member(of: staff)
        let device = random.pick(hardware.filter { $0.assignedTo != actor.id })
        if let holder = device.assignedTo { opened.insert(holder) }
        let page = random.below(4) == 0 ? "/hardware/\(device.id)/edit" : "/hardware/\(device.id)"
        let holders = device.assignedTo.map { [$0] } ?? []
        let entry = ExpectedEntry("read", by: actor.id, "hardware", device.id, subjects: holders, purpose: "inventory", page: page)
        return request(by: actor, page, purpose: "inventory", status: 200, [entry])
    }

    /// The first page of a department's contacts: one entry with everybody on it.
    mutating func contacts(of department: String, by actor: MadeUpPerson) -> PlannedRequest {
        let shown = people.filter { $0.department == department }.prefix(DepartmentRoutes.contactCountMax).map(\.id)
        opened.formUnion(shown)
        let entry = ExpectedEntry("read", by: actor.id, "user", nil, subjects: shown, purpose: "support", page: "/contacts")
        let place = department.replacing(" ", with: "%20")
        return request(by: actor, "/contacts?department=\(place)", purpose: "support", status: 200, [entry])
    }

    private mutating func list() -> PlannedRequest {
        request(by: random.pick(actors), random.pick(["/people", "/hardware"]), purpose: nil, status: 200, [])
    }

    // MARK: Looks that are refused

    private mutating func forbidden(among known: [MadeUpPerson]) -> PlannedRequest {
        let actor = random.pick(members)
        let others = known.filter { $0.id != actor.id }
        return refused(random.pick(others), by: actor, purpose: "support", status: 403)
    }

    /// The store found the device before the handler refused it, so its holder is in the entry.
    private mutating func forbiddenDevice(_ known: [MadeUpPerson]) -> PlannedRequest {
        let actor = random.pick(members)
        let ids = Set(known.map(\.id))
        let device = random.pick(hardware.filter { $0.assignedTo.map { $0 != actor.id && ids.contains($0) } ?? true })
        let page = "/hardware/\(device.id)"
        let entry = ExpectedEntry(
            "read", by: actor.id, "hardware", device.id, subjects: device.assignedTo.map { [$0] } ?? [], isSuccess: false,
            purpose: "inventory", page: page)
        return request(by: actor, page, purpose: "inventory", status: 403, [entry])
    }

    private mutating func forbiddenContacts() -> PlannedRequest {
        let actor = random.pick(members)
        let entry = ExpectedEntry("read", by: actor.id, "user", nil, subjects: [], isSuccess: false, purpose: "support", page: "/contacts")
        return request(by: actor, "/contacts", purpose: "support", status: 403, [entry])
    }

    /// Somebody who is not in the directory: the look is recorded, and nobody comes to be known by it.
    private mutating func unknown() -> PlannedRequest {
        let actor = member(of: staff)
        let id = String(people.count + 1 + random.below(400))
        let page = "/people/\(id)"
        let entry = ExpectedEntry("read", by: actor.id, "user", id, subjects: [], isSuccess: false, purpose: "support", page: page)
        return request(by: actor, page, purpose: "support", status: 404, [entry])
    }

    private mutating func refused(_ person: MadeUpPerson, by actor: MadeUpPerson?, purpose: String? = "support", status: Int)
        -> PlannedRequest
    {
        // A reason that the policy does not know is not recorded either.
        let kept = purpose.flatMap { Self.purposes.contains($0) ? $0 : nil }
        let page = "/people/\(person.id)"
        let entry = ExpectedEntry(
            "read", by: actor?.id, "user", person.id, subjects: [person.id], isSuccess: false, purpose: kept, page: page)
        return request(by: actor, page, purpose: purpose, status: status, [entry])
    }

    // MARK: Choices

    /// A few are looked at often, most seldom: the product of two throws leans to the front of the shelf.
    private mutating func somebody() -> MadeUpPerson {
        let place = random.below(shelf.count) * random.below(shelf.count) / shelf.count
        return random.below(16) == 0 ? hottest : shelf[place]
    }

    /// The first of the staff does a third of the work.
    mutating func member(of staff: [MadeUpPerson]) -> MadeUpPerson {
        random.below(3) == 0 ? staff[0] : random.pick(staff)
    }

    private mutating func look(at person: MadeUpPerson, by actor: MadeUpPerson, path: String, purpose: String) -> PlannedRequest {
        opened.insert(person.id)
        let entry = ExpectedEntry("read", by: actor.id, "user", person.id, subjects: [person.id], purpose: purpose, page: path)
        return request(by: actor, path, purpose: purpose, status: 200, [entry])
    }

    static func departments(_ people: [MadeUpPerson]) -> [String] {
        var seen: Set<String> = []
        return people.map(\.department).filter { seen.insert($0).inserted }
    }

    mutating func request(
        by actor: MadeUpPerson?, _ path: String, form: [FormField]? = nil, purpose: String?, status: Int, _ entries: [ExpectedEntry]
    ) -> PlannedRequest {
        defer { number += 1 }
        let place = actors.firstIndex { $0.id == actor?.id }
        return PlannedRequest(
            number: number, actorID: actor?.id, method: form == nil ? "GET" : "POST", path: path, form: form ?? [], purpose: purpose,
            address: place.map { "10.20.\($0 / 4).\(11 + $0)" } ?? "198.51.100.\(1 + number % 250)",
            userAgent: Self.agents[(place ?? number) % Self.agents.count], expectedStatus: status, entries: entries)
    }

    private static let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
        "directory-app/3.2 (Android 15)",
    ]
}
