/// Writes the plan's requests down, one kind each.
struct TrafficWriter {
    let staff: [Person]
    let members: [Person]
    let hottest: Person
    private let people: [Person]
    private let hardware: [Hardware]
    /// The people whose pages are opened at all: the hottest first.
    private let shelf: [Person]
    private var random: SplitMix64
    private var number = 0
    /// People whom the vault knows once the first phase is over.
    private var opened: Set<String> = []

    static let purposes = ["support", "support", "support", "payroll", "audit"]
    static let staffCount = 7
    static let memberCount = 5

    init(people: [Person], hardware: [Hardware], seed: UInt64) {
        random = SplitMix64(seed: seed ^ 0x5452_4146_4649_43)
        self.people = people
        self.hardware = hardware
        staff = Array(random.shuffled(people.filter(\.role.opensEverything)).prefix(Self.staffCount))
        let ordinary = random.shuffled(people.filter { !$0.role.opensEverything })
        members = Array(ordinary.prefix(Self.memberCount))
        shelf = Array(ordinary.dropFirst(Self.memberCount)) + members
        hottest = shelf[0]
    }

    var actors: [Person] { staff + members }

    /// Looks that succeed: everybody who is refused later has been opened here.
    mutating func firstPhase(_ count: Int) -> [PlannedRequest] {
        (0..<count).map { _ in
            switch random.below(20) {
            case 0...12: return personPage()
            case 13...14: return editForm()
            case 15...17: return devicePage()
            case 18: return ownPage()
            default: return list()
            }
        }
    }

    /// The same, with one request in four refused.
    mutating func secondPhase(_ count: Int) -> [PlannedRequest] {
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
            case 19: return forbidden(among: known)
            case 20: return forbiddenDevice()
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
        let entry = ExpectedEntry(
            actorID: person.id, recordType: "user", recordID: person.id, subjects: [person.id], isSuccess: true, purpose: "own",
            page: "/people/\(person.id)")
        return request(by: person, path: entry.page, purpose: nil, status: 200, entry: entry)
    }

    private mutating func devicePage() -> PlannedRequest {
        let actor = member(of: staff)
        let device = random.pick(hardware.filter { $0.assignedTo != actor.id })
        if let holder = device.assignedTo { opened.insert(holder) }
        let path = random.below(4) == 0 ? "/hardware/\(device.id)/edit" : "/hardware/\(device.id)"
        let entry = ExpectedEntry(
            actorID: actor.id, recordType: "hardware", recordID: device.id, subjects: device.assignedTo.map { [$0] } ?? [],
            isSuccess: true, purpose: "inventory", page: path)
        return request(by: actor, path: path, purpose: "inventory", status: 200, entry: entry)
    }

    private mutating func list() -> PlannedRequest {
        let actor = random.pick(actors)
        return request(by: actor, path: random.pick(["/people", "/hardware"]), purpose: nil, status: 200, entry: nil)
    }

    // MARK: Looks that are refused

    private mutating func forbidden(among known: [Person]) -> PlannedRequest {
        let actor = random.pick(members)
        let others = known.filter { $0.id != actor.id }
        return refused(random.pick(others), by: actor, purpose: "support", status: 403)
    }

    private mutating func forbiddenDevice() -> PlannedRequest {
        let actor = random.pick(members)
        let device = random.pick(hardware.filter { $0.assignedTo != actor.id })
        let path = "/hardware/\(device.id)"
        let entry = ExpectedEntry(
            actorID: actor.id, recordType: "hardware", recordID: device.id, subjects: [], isSuccess: false, purpose: "inventory", page: path
        )
        return request(by: actor, path: path, purpose: "inventory", status: 403, entry: entry)
    }

    /// Somebody who is not in the directory: the look is recorded, and nobody comes to be known by it.
    private mutating func unknown() -> PlannedRequest {
        let actor = member(of: staff)
        let id = String(people.count + 1 + random.below(400))
        let entry = ExpectedEntry(
            actorID: actor.id, recordType: "user", recordID: id, subjects: [], isSuccess: false, purpose: "support", page: "/people/\(id)")
        return request(by: actor, path: entry.page, purpose: "support", status: 404, entry: entry)
    }

    private mutating func refused(_ person: Person, by actor: Person?, purpose: String? = "support", status: Int) -> PlannedRequest {
        // A reason that the policy does not know is not recorded either.
        let kept = purpose.flatMap { Self.purposes.contains($0) ? $0 : nil }
        let entry = ExpectedEntry(
            actorID: actor?.id, recordType: "user", recordID: person.id, subjects: [person.id], isSuccess: false, purpose: kept,
            page: "/people/\(person.id)")
        return request(by: actor, path: entry.page, purpose: purpose, status: status, entry: entry)
    }

    // MARK: Choices

    /// A few are looked at often, most seldom: the product of two throws leans to the front of the shelf.
    private mutating func somebody() -> Person {
        let place = random.below(shelf.count) * random.below(shelf.count) / shelf.count
        return random.below(16) == 0 ? hottest : shelf[place]
    }

    /// The first of the staff does a third of the work.
    private mutating func member(of staff: [Person]) -> Person {
        random.below(3) == 0 ? staff[0] : random.pick(staff)
    }

    private mutating func look(at person: Person, by actor: Person, path: String, purpose: String) -> PlannedRequest {
        opened.insert(person.id)
        let entry = ExpectedEntry(
            actorID: actor.id, recordType: "user", recordID: person.id, subjects: [person.id], isSuccess: true, purpose: purpose, page: path
        )
        return request(by: actor, path: path, purpose: purpose, status: 200, entry: entry)
    }

    private mutating func request(
        by actor: Person?, path: String, purpose: String?, status: Int, entry: ExpectedEntry?
    ) -> PlannedRequest {
        defer { number += 1 }
        let place = actors.firstIndex { $0.id == actor?.id }
        return PlannedRequest(
            number: number, actorID: actor?.id, path: path, purpose: purpose,
            address: place.map { "10.20.\($0 / 4).\(11 + $0)" } ?? "198.51.100.\(1 + number % 250)",
            userAgent: Self.agents[(place ?? number) % Self.agents.count], expectedStatus: status, expectedEntry: entry)
    }

    private static let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
        "directory-app/3.2 (Android 15)",
    ]
}
