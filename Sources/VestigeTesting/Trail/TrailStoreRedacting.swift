import VestigeCrypto
import VestigeTrail

extension TrailStoreConformance {
    /// Twenty entries, the sixth written by Vestige itself and the seventh one of its questions.
    private static func fillForRedaction(_ store: any TrailStore) throws -> [SealedEntry] {
        let headers = (0..<20).map { number in
            var header = TrailSamples.header(number)
            if number == 5 || number == 6 { header.channel = Redaction.channel }
            if number == 5 { header.action = "policy.adopted" }
            return header
        }
        return try fill(store, headers)
    }

    static let redacting: [Requirement] = [
        (
            "a redacted place keeps leaf and id and nothing else",
            { store in
                let entries = try fillForRedaction(store)
                let leaves = try store.leaves(0..<20)
                let last = entries[19].header.id
                _ = try store.redact([3, 6, 12, 3], by: last)
                let found = try store.entries(Array(0..<20))
                try requireEqual(found.map(\.leaf), leaves, "the leaves")
                for stored in found {
                    let isGone = [3, 6, 12].contains(stored.seq)
                    try requireEqual(stored.body == nil, isGone, "whether the body at \(stored.seq) is gone")
                    try requireEqual(stored.redactedBy, isGone ? last.bytes : nil, "who redacted \(stored.seq)")
                }
                try requireEqual(try store.seq(of: entries[12].header.id), 12, "the place of a redacted entry's id")
                try store.scan(0..<20) { stored, row in
                    let isGone = [3, 6, 12].contains(stored.seq)
                    try requireEqual(row == nil, isGone, "whether the index row at \(stored.seq) is gone")
                    try requireEqual(stored.redactedBy != nil, isGone, "whether a scan says that \(stored.seq) was redacted")
                }
                var terms: Set<UInt64> = []
                _ = try store.scanTerms(after: nil, limit: 10_000) { terms.insert($0.seq) }
                try requireEqual(terms, Set(0..<20).subtracting([3, 6, 12]), "the places that terms lead to")
                try requireEqual(try store.strayRows(), [], "the stray rows")
                try requireThrow("an entry at a redacted place") { try fill(store, [TrailSamples.header(30)], from: 3) }
                try requireThrow("the id of a redacted entry") { try fill(store, [entries[3].header], from: 20) }
            }
        ),
        (
            "a redacted place matches a query for everything, and no other",
            { store in
                let entries = try fillForRedaction(store)
                _ = try store.redact([3, 12], by: entries[19].header.id)
                var query = IndexQuery(limit: 100)
                try requireEqual(try store.search(query), Array((0..<20).reversed()), "a search for everything")
                try requireEqual(try store.count(query, ceiling: 100), 20, "a count of everything")
                query.since = 3
                query.before = 13
                query.limit = 2
                try requireEqual(try store.search(query), [12, 11], "a search between two places")
                query.limit = 100
                try requireEqual(try store.search(query), Array((3..<13).reversed()), "a search between two places")
                try requireEqual(try store.count(query, ceiling: 100), 17, "a count from a place on")
                query = IndexQuery(limit: 100)
                query.channels = [entries[3].header.channel]
                try require(try !store.search(query).contains(3), "a search by channel found a redacted entry")
                query = IndexQuery(limit: 100)
                query.terms = [Term.all(of: entries[12].header)]
                try require(try !store.search(query).contains(12), "a search by terms found a redacted entry")
                query = IndexQuery(limit: 100)
                query.withoutQuestions = true
                try require(try !store.search(query).contains(12), "a search without questions found a redacted entry")
            }
        ),
        (
            "a redaction may be repeated, and a place keeps the one it has",
            { store in
                let entries = try fillForRedaction(store)
                _ = try store.redact([3], by: entries[18].header.id)
                _ = try store.redact([3, 4], by: entries[19].header.id)
                _ = try store.redact([3, 4], by: entries[19].header.id)
                let found = try store.entries([3, 4])
                try requireEqual(found.map(\.redactedBy), [18, 19].map { entries[$0].header.id.bytes }, "who redacted")
                try requireEqual(found.map { $0.body == nil }, [true, true], "whether the bodies are gone")
            }
        ),
        (
            "a redaction that cannot have been decided is refused whole",
            { store in
                let entries = try fillForRedaction(store)
                let last = entries[19].header.id
                try requireThrow("an entry that is not there") { _ = try store.redact([1], by: TrailSamples.header(77).id) }
                try requireThrow("a place beyond the trail") { _ = try store.redact([1, 99], by: last) }
                try requireThrow("a place above the deciding entry") { _ = try store.redact([1, 11], by: entries[10].header.id) }
                try requireThrow("the deciding entry itself") { _ = try store.redact([1, 19], by: last) }
                try requireThrow("what Vestige itself wrote") { _ = try store.redact([1, 5], by: last) }
                try requireEqual(try store.entries(Array(0..<20)).count { $0.body == nil || $0.redactedBy != nil }, 0, "what is gone")
                try requireEqual(try store.count(IndexQuery(limit: 1), ceiling: 100), 20, "a count of everything")
            }
        ),
    ]
}
