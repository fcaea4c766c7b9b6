import VestigeCrypto
import VestigeTrail

extension TrailStoreConformance {
    /// Twenty entries recorded long ago: the sixth written by Vestige itself, the seventh one of its questions, the last one a plan's.
    private static func fillForPruning(_ store: any TrailStore) throws -> (entries: [SealedEntry], plan: StoredPlan) {
        let headers = (0..<20).map { number in
            var header = TrailSamples.header(number)
            if [5, 6, 19].contains(number) { header.channel = RetentionPlan.channel }
            if number == 5 || number == 19 { header.action = "policy.adopted" }
            return header
        }
        let entries = try fill(store, headers, recordedAt: Timestamp(microseconds: 1_600_000_000_000_000))
        let id = entries[19].header.id.bytes
        let plan = StoredPlan(
            range: 2..<16, id: id, cutoff: Timestamp(microseconds: 1_600_000_000_000_001),
            digest: Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero, entry: id)
        return (entries, plan)
    }

    private static func prune(_ store: any TrailStore, _ seqs: [UInt64], _ plan: StoredPlan) throws {
        var rest = seqs[...]
        while !rest.isEmpty {
            let count = try store.prune(Array(rest), under: plan, within: .zero)
            try require((1...rest.count).contains(count), "a removal took \(count) of \(rest.count) places")
            rest = rest.dropFirst(count)
        }
    }

    static let pruning: [Requirement] = [
        (
            "a pruned place keeps leaf and id and nothing else, and the plan's row stays",
            { store in
                let (entries, plan) = try fillForPruning(store)
                let leaves = try store.leaves(0..<20)
                try requireEqual(try store.plans(), [], "the plans before there is one")
                try prune(store, [3, 6, 12], plan)
                let gone: Set<UInt64> = [3, 6, 12]
                let found = try store.entries(Array(0..<20))
                try requireEqual(found.map(\.leaf), leaves, "the leaves")
                for stored in found {
                    try requireEqual(stored.body == nil, gone.contains(stored.seq), "whether the body at \(stored.seq) is gone")
                    try requireEqual(stored.redactedBy, nil, "who redacted \(stored.seq)")
                }
                try requireEqual(try store.seq(of: entries[12].header.id), 12, "the place of a pruned entry's id")
                try store.scan(0..<20) { stored, row in
                    try requireEqual(row == nil, gone.contains(stored.seq), "whether the index row at \(stored.seq) is gone")
                }
                var terms: Set<UInt64> = []
                _ = try store.scanTerms(after: nil, limit: 10_000) { terms.insert($0.seq) }
                try requireEqual(terms, Set(0..<20).subtracting(gone), "the places that terms lead to")
                try requireEqual(try store.plans(), [plan], "the plans")
                try requireEqual(try store.strayRows(), [], "the stray rows")
                try requireEqual(try store.fileTroubles(), [], "the troubles of the file")
                try requireThrow("an entry at a pruned place") { try fill(store, [TrailSamples.header(30)], from: 3) }
                try requireThrow("the id of a pruned entry") { try fill(store, [entries[3].header], from: 20) }
            }
        ),
        (
            "pruning again changes nothing, and room is given back until there is none",
            { store in
                let (_, plan) = try fillForPruning(store)
                try prune(store, [3, 4, 7], plan)
                try prune(store, [3, 4, 7, 8], plan)
                try requireEqual(try store.plans(), [plan], "the plans")
                try requireEqual(
                    try store.entries(Array(0..<20)).filter { $0.body == nil }.map(\.seq), [3, 4, 7, 8], "the places without a body")
                var turns = 0
                while try store.giveBack(1) {
                    turns += 1
                    try require(turns < 10_000, "room is given back without end")
                }
                try requireEqual(try store.entries([1, 19]).map { $0.body == nil }, [false, false], "whether other bodies are gone")
                try requireEqual(try store.fileTroubles(), [], "the troubles of the file")
            }
        ),
        (
            "a pruned place matches no query and is not counted",
            { store in
                let (entries, plan) = try fillForPruning(store)
                try prune(store, [3, 12], plan)
                var query = IndexQuery(limit: 100)
                let left = Array((0..<20).reversed().filter { $0 != 3 && $0 != 12 }).map { UInt64($0) }
                try requireEqual(try store.search(query), left, "a search for everything")
                try requireEqual(try store.count(query, ceiling: 100), 18, "a count of everything")
                query.terms = [Term.all(of: entries[12].header)]
                try require(try !store.search(query).contains(12), "a search by terms found a pruned entry")
                query = IndexQuery(limit: 100)
                query.channels = [entries[3].header.channel]
                try require(try !store.search(query).contains(3), "a search by channel found a pruned entry")
            }
        ),
        (
            "what may be pruned is everything with a body but what Vestige itself wrote, ascending, in pages",
            { store in
                let (entries, plan) = try fillForPruning(store)
                try prune(store, [3, 12], plan)
                let expected = (0..<20).filter { ![3, 5, 12, 19].contains($0) }.map { UInt64($0) }
                let all = try store.prunable(in: 0..<UInt64(Int64.max), limit: 100)
                try requireEqual(all.map(\.seq), expected, "what may be pruned")
                try requireEqual(all.map(\.channel), expected.map { entries[Int($0)].header.channel }, "the channels")
                try requireEqual(try store.prunable(in: 4..<9, limit: 100).map(\.seq), [4, 6, 7, 8], "what may be pruned of a range")
                try requireEqual(try store.prunable(in: 4..<9, limit: 2).map(\.seq), [4, 6], "the first of these")
                try requireEqual(try store.prunable(in: 30..<40, limit: 2), [], "what may be pruned beyond the end")
            }
        ),
        (
            "a plan takes nothing outside of its range, nothing that Vestige itself wrote, and names a later entry",
            { store in
                let (entries, plan) = try fillForPruning(store)
                let before = try store.entries(Array(0..<20)).map(\.body)
                func with(range: Range<UInt64>, entry: Bytes16) -> StoredPlan {
                    StoredPlan(range: range, id: entry, cutoff: plan.cutoff, digest: plan.digest, entry: entry)
                }
                for (seqs, wrong, what) in [
                    ([1], plan, "a place below the range"), ([3, 16], plan, "a place above the range"),
                    ([3, 5], plan, "what Vestige itself wrote"), ([3], with(range: 2..<16, entry: .random()), "an unknown entry"),
                    ([3], with(range: 2..<16, entry: entries[15].header.id.bytes), "an entry in the range"),
                ] as [([UInt64], StoredPlan, String)] {
                    try requireThrow(what) { _ = try store.prune(seqs, under: wrong, within: .seconds(10)) }
                }
                try requireEqual(try store.entries(Array(0..<20)).map(\.body), before, "the bodies")
                try requireEqual(try store.plans(), [], "the plans")
            }
        ),
    ]
}
