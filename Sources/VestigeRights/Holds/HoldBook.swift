import VestigeCrypto
import VestigePolicy
import VestigeTrail

/// The holds of a trail and of those that it goes on from, folded from their entries.
///
/// | entry | event | says |
/// |---|---|---|
/// | `erasure.held` | held | a hold begins; `subjects` has one pseudonym of a person, or `record` the record; detail `ends_at`, if it has an end |
/// | `erasure.hold_released` | released | it was released; detail `hold` is the id of its first entry |
/// | `erasure.hold_ended` | released | its day was over; detail `hold` likewise, the actor is the system |
struct HoldBook {
    static let held = "erasure.held"
    static let released = "erasure.hold_released"
    static let ended = "erasure.hold_ended"

    /// Every hold that there ever was, oldest first.
    private(set) var holds: [Hold] = []

    /// Reads the index of these actions and nothing else. Each entry must be one that the checkpoint vouches for: they keep keys alive, and let
    /// them go.
    ///
    /// - Parameter older: the trails that `trail` goes on from, the newest first. What began there may end in a later one.
    /// - Throws: `TrailError`.
    init(reading trail: Trail, older: [Trail]) async throws {
        var places: [EntryID: Int] = [:]
        for (number, older) in zip(1..., older.reversed()) { try await read(older, number, &places) }
        try await read(trail, nil, &places)
    }

    private mutating func read(_ trail: Trail, _ number: Int?, _ places: inout [EntryID: Int]) async throws {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Code.complianceChannel]
        query.actions = [Self.held, Self.released, Self.ended]
        var found: [StoredEntry] = []
        while true {
            let page = try await trail.page(query)
            found += page
            guard page.count == query.limit, let last = page.last else { break }
            query.before = last.seq
        }
        for entry in found.reversed() {
            let header = try await trail.proven(entry).header
            guard header.channel == Code.complianceChannel else { throw Self.foreign(entry.seq) }
            switch header.action {
            case Self.held:
                places[header.id] = holds.count
                var hold = try Self.hold(header, entry)
                hold.trail = number
                holds.append(hold)
            case Self.released, Self.ended:
                guard case .code(let name)? = header.details["hold"], let id = EntryID(name), let place = places[id] else {
                    throw Self.foreign(entry.seq)
                }
                // The first one counts.
                if holds[place].endedSeq == nil { (holds[place].endedSeq, holds[place].endedInPresent) = (entry.seq, number == nil) }
            default: throw Self.foreign(entry.seq)
            }
        }
    }

    func standing(at now: Timestamp) -> [Hold] { holds.filter { $0.stands(at: now) } }

    private static func hold(_ header: Header, _ entry: StoredEntry) throws -> Hold {
        let thing: HeldThing
        switch (header.subjects.first, header.record) {
        case (let person?, nil): thing = .person(person)
        case (nil, let record?): thing = .record(record)
        default: throw foreign(entry.seq)
        }
        var endsAt: Timestamp?
        if case .time(let time)? = header.details["ends_at"] { endsAt = time }
        let since = Leaf(decoding: entry.leaf)?.recordedAt ?? header.occurredAt
        return Hold(id: header.id, seq: entry.seq, thing: thing, since: since, endsAt: endsAt)
    }

    private static func foreign(_ seq: UInt64) -> TrailError {
        .inconsistent("entry \(seq) is indexed as one about a hold and is none")
    }
}
