import PeopleDirectory
import Synchronization
import VestigeLocal

/// Looks at people as a support desk makes them: some people are looked at all the time, most hardly ever.
///
/// The n-th entry is the same in every run, so that many callers can make them without asking each other.
struct Workload: Sendable {
    static let actorCount = 80

    /// Ids of the people looked at; the first is the hottest.
    let people: [String]
    private let actors: [AuditActor]
    /// Share of all looks that go to a person or to those before them.
    private let shares: [Double]

    /// - Parameter isSkewed: Zipf's law with exponent 1 instead of everybody alike: of 500 people the first gets one look in seven.
    init(people count: Int, isSkewed: Bool = false, prefix: String = "") {
        people = (1...max(1, count)).map { prefix + String($0) }
        actors = (1...Self.actorCount).map { number in
            AuditActor(
                .user, id: "staff-\(number)", name: "Ana Lima \(number)", email: "ana.lima.\(number)@example.org", role: "agent",
                ip: "10.0.\(number).7", userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
        }
        let weights = (1...max(1, count)).map { isSkewed ? 1 / Double($0) : 1 }
        let total = weights.reduce(0, +)
        var sum = 0.0
        shares = weights.map { weight in
            sum += weight / total
            return sum
        }
    }

    /// Who is looked at and who looks, both as places.
    func look(_ number: Int) -> (person: Int, actor: Int) {
        var random = SplitMix64(seed: UInt64(number) &* 0xD1B5_4A32_D192_ED03)
        let share = Double(random.next() >> 11) / Double(1 << 53)
        var (low, high) = (0, shares.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if shares[middle] < share { low = middle + 1 } else { high = middle }
        }
        return (low, random.below(actors.count))
    }

    func entry(_ number: Int) -> Entry {
        let look = look(number)
        return entry(of: people[look.person], by: look.actor)
    }

    /// - Parameter actor: any number; the actors take turns.
    func entry(of person: String, by actor: Int) -> Entry {
        var entry = Entry.read(
            RecordReference(type: "user", id: person), fields: ["name", "email", "phone", "role", "department"], purpose: "support")
        entry.actor = actors[actor % actors.count]
        entry.page = "/people/\(person)"
        return entry
    }
}

/// Callers that record at the same time, each waiting for its receipt before its next entry.
struct Callers: Sendable {
    /// As many as the batches can take: for filling a trail before it is measured.
    static let filling = Callers(count: 1024)

    let count: Int

    /// Records the entries of `numbers`; every receipt has come when it returns. Gives the time that it took.
    @discardableResult
    func record(_ numbers: Range<Int>, with recorder: Recorder, _ entry: @escaping @Sendable (Int) -> Entry) async throws -> Duration {
        let start = ContinuousClock.now
        let turns = Turns(numbers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(count, numbers.count) {
                group.addTask {
                    while let number = turns.next() { _ = try await recorder.record(entry(number)) }
                }
            }
            try await group.waitForAll()
        }
        return ContinuousClock.now - start
    }
}

/// Hands out numbers to whoever is free.
private final class Turns: Sendable {
    private let rest: Mutex<Range<Int>>

    init(_ numbers: Range<Int>) {
        rest = Mutex(numbers)
    }

    func next() -> Int? {
        rest.withLock { $0.popFirst() }
    }
}

/// Makes and fills data directories.
enum BenchTrail {
    static let operatorActor = AuditActor(.user, id: "bench", name: "Bench")

    static func create(in directory: String, name: String = "data") async throws -> LocalVestige {
        try await Vestige.create(Place(data: directory + "/" + name), policy: try DirectoryPolicy.parsed(), by: operatorActor)
    }

    /// Fills a trail with `count` entries and opens it anew, so that counters begin at 0.
    static func filled(_ count: Int, _ workload: Workload, in directory: String, name: String = "data") async throws -> LocalVestige {
        let made = try await create(in: directory, name: name)
        try await Callers.filling.record(0..<count, with: made.recorder, workload.entry)
        try await made.close()
        return try await Vestige.open(made.place.data)
    }
}
