import Glibc
import Synchronization
import VestigeCore
import VestigeLocal
import VestigeRights
import VestigeTrail

/// Makes data directories in which entries are over their time, and lets retention run in them until it kills itself.
///
///     KillablePruner make DIR POLICY [COUNT]    COUNT looks 400 days ago, as many 100 days ago, and what makes the clock trusted
///     KillablePruner prune DIR                  a run to its end
///     KillablePruner prune DIR STEP N before|after    kills itself at the n-th of a step: planned, removed, given, done
@main
struct KillablePruner {
    static func main() async throws {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "make" where words.count >= 3:
            try await make(Place(data: words[1]), policy: words[2], count: words.count > 3 ? Int(words[3]) ?? 40 : 40)
        case "prune" where words.count >= 2:
            try await prune(
                Place(data: words[1]), words.count == 5 ? Kill(step: words[2], number: Int(words[3]) ?? 1, after: words[4] == "after") : nil
            )
        default: throw LocalError.unusable("make DIR POLICY [COUNT], or prune DIR [STEP N before|after]")
        }
    }

    private static func make(_ place: Place, policy: String, count: Int) async throws {
        let start = LocalVestige.systemClock()
        let now = Moment(start.adding(days: -400))
        let ana = AuditActor(.user, id: "7", name: "Ana Lima")
        let vestige = try await Vestige.create(
            place, policy: try Vestige.readPolicy(policy), origin: "example.org/aged", by: ana, clock: { now.value })
        func look(_ number: Int) async throws {
            _ = try await vestige.recorder.record(
                Entry(
                    event: "read", actor: ana, record: RecordReference(type: "user", id: "p\(number % 7)"), fields: ["email"],
                    purpose: "support", page: "/people/p\(number % 7)"))
        }
        for number in 0..<count { try await look(number) }
        now.value = start.adding(days: -100)
        for number in 0..<count { try await look(number) }
        for hours: Int64 in [30, 18, 6] {
            now.value = start.adding(microseconds: -hours * 3_600 * Timestamp.microsecondsPerSecond)
            try await look(0)
        }
        try await vestige.close()
    }

    private static func prune(_ place: Place, _ kill: Kill?) async throws {
        var posts = StorePosts()
        if let kill {
            let counter = Counter()
            posts.trail = { KillingStore(store: $0, kill: kill, counter: counter) }
        }
        let vestige = try await Vestige.open(place, keyring: nil, past: posts)
        let done = try await vestige.prune(PruneOrder(actor: .system("vestige"), purpose: nil), pace: PrunePace(turn: .zero, rest: 0))
        print("\(done.entries) of \(done.total)")
        try await vestige.close()
    }
}

/// A clock that is set.
private final class Moment: Sendable {
    private let time: Mutex<Timestamp>

    init(_ time: Timestamp) { self.time = Mutex(time) }

    var value: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

struct Kill: Sendable {
    let step: String
    let number: Int
    let after: Bool
}

final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
