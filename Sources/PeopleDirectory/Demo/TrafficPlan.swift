/// A working day at the directory, made up from a seed: who opens and changes what, and what must come of it.
///
/// Send the phases one after the other; within a phase the requests may run at once, since none depends on another. All come to the same
/// trail whatever their order in a phase.
public struct TrafficPlan: Sendable {
    public static let requestCount = 2000
    static let changeCount = 120

    /// Looks; looks and refusals; changes of single records; changes of many at once; looks at what came of it.
    public let phases: [[PlannedRequest]]
    /// Who has to sign in first.
    public let actorIDs: [String]
    /// The person whose page is opened most often: the one to ask "who viewed this record?" about, and to erase.
    public let hottestPersonID: String
    /// Looks more than others: the one for the breach query, and to erase as an actor.
    public let busiestActorID: String
    /// For which the nightly job runs once the day is over, `MM-DD`, and what it leaves.
    public let night: String
    public let nightEntry: ExpectedEntry

    public var requests: [PlannedRequest] { phases.flatMap { $0 } }

    public init(
        people: [MadeUpPerson], hardware: [Hardware], count: Int = TrafficPlan.requestCount, seed: UInt64 = PersonGenerator.standardSeed
    ) {
        var writer = TrafficWriter(people: people, hardware: hardware, seed: seed)
        let looks = writer.looks(count * 3 / 5)
        let last = TrafficWriter.bulkCount + TrafficWriter.aftermathCount
        let refusals = writer.looksAndRefusals(count - looks.count - Self.changeCount - last)
        phases = [looks, refusals, writer.changes(Self.changeCount), writer.bulk(), writer.aftermath()]
        actorIDs = writer.actors.map(\.id)
        hottestPersonID = writer.hottest.id
        busiestActorID = writer.staff[0].id
        night = String(writer.hottest.birthday.suffix(5))
        nightEntry = writer.night()
    }

    /// What the trail must answer to "who viewed user/`id`?": every look with the person in it, refused ones too.
    public func views(ofPerson id: String) -> [ExpectedEntry] {
        entries.filter { $0.isLook && $0.subjects.contains(id) }
    }

    /// What the trail must answer to "what was viewed by user/`id`?".
    public func looks(byActor id: String) -> [ExpectedEntry] {
        entries.filter { $0.isLook && $0.actorID == id }
    }

    /// Every entry that the plan leaves in the trail, in its order but for that within a phase: the night's is the last.
    public var entries: [ExpectedEntry] { requests.flatMap(\.entries) + [nightEntry] }

    /// The entries of acts that change something: they go through the outbox.
    public var changes: [ExpectedEntry] { entries.filter { !$0.isLook && $0.isSuccess } }
}
