/// A working day at the directory, made up from a seed: who opens what, and what must come of it.
///
/// Send the phases one after the other; within a phase the requests may run at once, since none depends on another. All come to the same
/// trail whatever their order in a phase.
public struct TrafficPlan: Sendable {
    public static let requestCount = 2000

    public let phases: [[PlannedRequest]]
    /// Who has to sign in first.
    public let actorIDs: [String]
    /// The person whose page is opened most often: the one to ask "who viewed this record?" about, and to erase.
    public let hottestPersonID: String
    /// Looks more than others: the one for the breach query, and to erase as an actor.
    public let busiestActorID: String

    public var requests: [PlannedRequest] { phases.flatMap { $0 } }

    public init(
        people: [Person], hardware: [Hardware], count: Int = TrafficPlan.requestCount, seed: UInt64 = PersonGenerator.standardSeed
    ) {
        var writer = TrafficWriter(people: people, hardware: hardware, seed: seed)
        let first = writer.firstPhase(count * 3 / 5)
        phases = [first, writer.secondPhase(count - first.count)]
        actorIDs = writer.actors.map(\.id)
        hottestPersonID = writer.hottest.id
        busiestActorID = writer.staff[0].id
    }

    /// What the trail must answer to "who viewed user/`id`?": every entry with the person in it, refused ones too.
    public func views(ofPerson id: String) -> [PlannedRequest] {
        requests.filter { $0.expectedEntry?.subjects.contains(id) == true }
    }

    /// What the trail must answer to "what was viewed by user/`id`?".
    public func looks(byActor id: String) -> [PlannedRequest] {
        requests.filter { $0.expectedEntry?.actorID == id }
    }

    /// Every entry that the plan leaves in the trail.
    public var entries: [ExpectedEntry] { requests.compactMap(\.expectedEntry) }
}
