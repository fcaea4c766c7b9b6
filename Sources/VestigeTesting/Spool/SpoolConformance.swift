package import VestigeCore
import VestigeTrail

/// Runs the contract of `Spool` against a spool. Needs no test framework.
///
/// ```swift
/// try await SpoolConformance { InMemorySpool() }.run()
/// ```
package struct SpoolConformance: Sendable {
    /// The first rule that a spool broke.
    package struct Failure: Error, CustomStringConvertible {
        package let rule: String
        package let found: String
        package var description: String { "the spool breaks its contract: \(rule) (\(found)); see Spool" }
    }

    private typealias Rule = (sentence: String, check: @Sendable (any Spool) async throws -> Void)
    private struct Mismatch: Error {
        let found: String
    }

    private let makeSpool: @Sendable () async throws -> any Spool

    /// - Parameter makeSpool: gives a new, empty spool at each call.
    package init(_ makeSpool: @escaping @Sendable () async throws -> any Spool) { self.makeSpool = makeSpool }

    /// - Throws: ``Failure`` for the first rule broken, or the spool's own error.
    package func run() async throws {
        for rule in Self.rules {
            do {
                try await rule.check(try await makeSpool())
            } catch let mismatch as Mismatch {
                throw Failure(rule: rule.sentence, found: mismatch.found)
            }
        }
    }

    /// An act of `parts` entries; another one for each number.
    package static func batch(_ number: Int, parts: Int = 1) throws -> SealedBatch {
        try SealedBatch(
            (0..<parts).map { part in
                var header = TrailSamples.header(0)
                header.id = EntryID.make(at: header.occurredAt)
                header.fields = ["act\(number)", "part\(part)"]
                return try TrailSamples.sealed(header)
            })
    }

    private static func expect(_ condition: Bool, _ found: String) throws {
        guard condition else { throw Mismatch(found: found) }
    }

    private static func expect(_ spool: any Spool, intents: Int, kept: Int) throws {
        try expect(spool.waiting == SpoolWaiting(intents: intents, kept: kept), "\(spool.waiting) instead of \(intents) and \(kept)")
    }

    private static let rules: [Rule] = [
        (
            "a new spool holds nothing",
            { spool in
                try expect(spool, intents: 0, kept: 0)
                try expect(spool.kept(limit: 10).isEmpty, "something is kept")
            }
        ),
        (
            "an intent waits until it is settled, and is not among the kept",
            { spool in
                let first = try await spool.intend(try batch(1))
                let second = try await spool.intend(try batch(2))
                try expect(first < second, "a later ticket is not larger")
                try expect(spool, intents: 2, kept: 0)
                try expect(spool.kept(limit: 10).isEmpty, "an intent is among the kept")
                spool.settle(first)
                try expect(spool, intents: 1, kept: 0)
                spool.settle(second)
                try expect(spool, intents: 0, kept: 0)
            }
        ),
        (
            "an outcome replaces its intent and keeps its ticket and bytes",
            { spool in
                let ticket = try await spool.intend(try batch(1))
                let outcome = try batch(2, parts: 3)
                try await spool.keep(outcome, replacing: ticket)
                try expect(spool, intents: 0, kept: 1)
                let kept = spool.kept(limit: 10)
                try expect(kept.map(\.ticket) == [ticket], "it has another ticket")
                try expect(kept.first?.batch.encoded() == outcome.encoded(), "it has other bytes")
                spool.settle(ticket)
                try expect(spool, intents: 0, kept: 0)
            }
        ),
        (
            "entries without an intent are kept, oldest first and no more than asked for",
            { spool in
                let batches = try (0..<12).map { try batch($0) }
                let ticket = try await spool.intend(batches[0])
                for batch in batches[1...] { try await spool.keep(batch, replacing: nil) }
                // The oldest act, though its outcome came last.
                try await spool.keep(batches[0], replacing: ticket)
                let all = spool.kept(limit: 100)
                try expect(all.map(\.batch.id) == batches.map(\.id), "another order")
                try expect(Set(all.map(\.ticket)).count == 12, "two have the same ticket")
                try expect(spool.kept(limit: 5).map(\.batch.id) == batches[..<5].map(\.id), "not the oldest five")
                try expect(spool.kept(limit: 0).isEmpty, "none were asked for")
                spool.settle(all[1].ticket)
                try expect(spool.kept(limit: 2).map(\.batch.id) == [batches[0].id, batches[2].id], "a settled one came again")
            }
        ),
        (
            "settling what is not there changes nothing",
            { spool in
                let ticket = try await spool.intend(try batch(1))
                spool.settle(SpoolTicket(sequence: ticket.sequence + 100))
                try expect(spool, intents: 1, kept: 0)
                spool.settle(ticket)
                spool.settle(ticket)
                try expect(spool, intents: 0, kept: 0)
                try expect(try await spool.intend(try batch(2)) > ticket, "a ticket came back")
            }
        ),
        (
            "many at once get a ticket each",
            { spool in
                let tickets = try await withThrowingTaskGroup(of: SpoolTicket.self) { group in
                    for number in 0..<100 { group.addTask { try await spool.intend(try batch(number)) } }
                    return try await group.reduce(into: Set<SpoolTicket>()) { $0.insert($1) }
                }
                try expect(tickets.count == 100, "\(tickets.count) tickets for 100 acts")
                try expect(spool, intents: 100, kept: 0)
            }
        ),
    ]
}
