import VestigeCrypto
import VestigeTrail

extension TrailStoreConformance {
    private static let searchedCount = 210

    /// One condition on a query, and what it means for a header.
    private typealias Filter = (name: String, set: (inout IndexQuery) -> Void, matches: (UInt64, Header) -> Bool)

    private static func holds(_ header: Header, _ terms: [Term]) -> Bool {
        let all = Term.all(of: header)
        return terms.contains(where: all.contains)
    }

    private static var filters: [Filter] {
        let person = [Term(.lookedAt, TrailSamples.people[1])]
        let either = [Term(.lookedAt, TrailSamples.people[1]), Term(.concerned, TrailSamples.people[3])]
        let actor = [Term(.actor, TrailSamples.actors[2])]
        let record = [Term.record(TrailSamples.hardware[1])].compactMap { $0 }
        let asked = [Term(.subjectAsked, TrailSamples.people[0])]
        let from = TrailSamples.start.adding(microseconds: 30 * Timestamp.microsecondsPerSecond)
        let to = TrailSamples.start.adding(microseconds: 70 * Timestamp.microsecondsPerSecond)
        return [
            ("one term", { $0.terms = [person] }, { holds($1, person) }),
            ("one of two terms", { $0.terms = [either] }, { holds($1, either) }),
            ("two groups of terms", { $0.terms = [either, actor] }, { holds($1, either) && holds($1, actor) }),
            ("three groups", { $0.terms = [either, actor, record] }, { holds($1, either) && holds($1, actor) && holds($1, record) }),
            ("a question's term", { $0.terms = [asked] }, { holds($1, asked) }),
            ("a term nobody has", { $0.terms = [[Term(.lookedAt, .zero)]] }, { _, _ in false }),
            ("one channel", { $0.channels = ["people"] }, { $1.channel == "people" }),
            ("two channels", { $0.channels = ["people", "auth"] }, { ["people", "auth"].contains($1.channel) }),
            ("an unknown channel", { $0.channels = ["nowhere"] }, { _, _ in false }),
            ("events", { $0.events = ["read", "exported"] }, { ["read", "exported"].contains($1.event) }),
            ("an action", { $0.actions = ["people.updated"] }, { $1.action == "people.updated" }),
            ("statuses", { $0.statuses = ["failure", "in_progress"] }, { [.failure, .inProgress].contains($1.status) }),
            ("an actor type", { $0.actorTypes = ["system"] }, { $1.actor.type == "system" }),
            ("a purpose", { $0.purposes = ["support"] }, { $1.purpose == "support" }),
            ("no questions", { $0.withoutQuestions = true }, { !$1.action.hasPrefix("audit.") }),
            ("a time from which on", { $0.from = from }, { $1.occurredAt >= from }),
            ("a time before which", { $0.to = to }, { $1.occurredAt < to }),
            ("both times", { ($0.from, $0.to) = (from, to) }, { $1.occurredAt >= from && $1.occurredAt < to }),
            ("a place from which on", { $0.since = 100 }, { seq, _ in seq >= 100 }),
            ("a place below which", { $0.below = 150 }, { seq, _ in seq < 150 }),
        ]
    }

    /// Pages through a search and compares with what the headers say.
    private static func compare(_ store: any TrailStore, _ headers: [Header], _ filter: Filter) throws {
        let expected = headers.enumerated().map { (UInt64($0.offset), $0.element) }.filter { filter.matches($0.0, $0.1) }.map(\.0)
        var query = IndexQuery(limit: 1000)
        filter.set(&query)
        try requireEqual(try store.search(query), Array(expected.reversed()), "a search by \(filter.name)")
        try requireEqual(try store.count(query, ceiling: 1000), expected.count, "a count by \(filter.name)")
        try requireEqual(try store.count(query, ceiling: 5), min(5, expected.count), "a count by \(filter.name) up to 5")
        var facets: [String: Int] = [:]
        for seq in expected {
            let header = headers[Int(seq)]
            facets["\(header.channel) \(header.event) \(header.action)", default: 0] += 1
        }
        let counted = try store.facets(query)
        try requireEqual(counted.count, facets.count, "facets by \(filter.name)")
        for facet in counted {
            let expected = facets["\(facet.channel) \(facet.event) \(facet.action)"]
            try requireEqual(facet.count, expected ?? 0, "a facet by \(filter.name)")
        }

        query.limit = 7
        var paged: [UInt64] = []
        while true {
            let page = try store.search(query)
            try require(page.count <= 7, "a page had more than 7 places")
            try requireEqual(try store.count(query, ceiling: 1000), expected.count, "a count by \(filter.name) amid the pages")
            guard let last = page.last else { break }
            paged += page
            query.before = last
        }
        try requireEqual(paged, Array(expected.reversed()), "the pages of a search by \(filter.name)")
    }

    static let searching: [Requirement] = [
        (
            "a search honours every filter, newest first, in pages",
            { store in
                let headers = try fill(store, (0..<searchedCount).map(TrailSamples.header)).map(\.header)
                try compare(store, headers, ("nothing", { _ in }, { _, _ in true }))
                for filter in filters { try compare(store, headers, filter) }
            }
        ),
        (
            "filters narrow each other",
            { store in
                let headers = try fill(store, (0..<searchedCount).map(TrailSamples.header)).map(\.header)
                let filters = filters
                for one in filters {
                    for other in filters {
                        // A second value for the same condition replaces the first, so the pair says nothing.
                        var both = IndexQuery(limit: 1000)
                        one.set(&both)
                        let first = both
                        other.set(&both)
                        var alone = IndexQuery(limit: 1000)
                        other.set(&alone)
                        var undone = both
                        one.set(&undone)
                        guard both != first, undone == both else { continue }
                        let expected = headers.enumerated().filter {
                            one.matches(UInt64($0.offset), $0.element) && other.matches(UInt64($0.offset), $0.element)
                        }.map { UInt64($0.offset) }
                        let what = "\(one.name) and \(other.name)"
                        try requireEqual(try store.search(both), Array(expected.reversed()), "a search by \(what)")
                        try requireEqual(try store.count(both, ceiling: 1000), expected.count, "a count by \(what)")
                    }
                }
            }
        ),
        (
            "entries of some terms are counted by channel, newest first, up to a limit and below a place",
            { store in
                let headers = try fill(store, (0..<searchedCount).map(TrailSamples.header)).map(\.header)
                let terms = [
                    Term(.lookedAt, TrailSamples.people[1]), Term(.subjectAsked, TrailSamples.people[0]),
                    Term(.actor, TrailSamples.actors[2]),
                ]
                for (before, limit) in [(UInt64?.none, 1000), (nil, 7), (100, 1000), (100, 5), (0, 5), (nil, 0)] {
                    var expected: [ChannelCount] = []
                    let places = headers.indices.reversed().filter { UInt64($0) < before ?? .max && holds(headers[$0], terms) }
                    for place in places.prefix(limit) {
                        let (header, seq) = (headers[place], UInt64(place))
                        let same = expected.firstIndex {
                            $0.channel == header.channel && $0.isQuestion == header.action.hasPrefix("audit.")
                        }
                        let known = same.map { expected.remove(at: $0) }
                        expected.append(
                            ChannelCount(
                                channel: header.channel, isQuestion: header.action.hasPrefix("audit."), count: (known?.count ?? 0) + 1,
                                newest: known?.newest ?? seq, oldest: seq))
                    }
                    try requireEqual(
                        try store.channelCounts(of: terms, before: before, limit: limit), expected.sorted(), "counts up to \(limit)")
                }
                try requireEqual(try store.channelCounts(of: [], before: nil, limit: 10), [], "counts of no terms")
            }
        ),
        (
            "a limit of nothing finds nothing, and a cursor at the start ends the pages",
            { store in
                try fill(store, (0..<10).map(TrailSamples.header))
                try requireEqual(try store.search(IndexQuery(limit: 0)), [], "a search with limit 0")
                var query = IndexQuery(limit: 10)
                query.before = 0
                try requireEqual(try store.search(query), [], "a search before place 0")
                query.before = 3
                query.since = 1
                try requireEqual(try store.search(query), [2, 1], "a search between two places")
            }
        ),
    ]
}
