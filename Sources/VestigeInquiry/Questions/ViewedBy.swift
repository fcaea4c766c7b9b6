import VestigeCore
public import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// What somebody looked at: records and people, how often, from when to when (breach radius, GDPR Art. 33).
public struct ReachAnswer: Sendable {
    public struct Touched: Sendable, Equatable {
        public enum Thing: Sendable, Hashable {
            case record(type: String, id: String?, handle: Bytes16?)
            case person(Bytes16)
        }
        public let thing: Thing
        /// `TYPE/ID` for a person whom the asker may know and whose key lives.
        public var name: String?
        public var isErased = false
        /// Looks that succeeded, and looks that were refused.
        public var shown = 0
        public var refused = 0
        public var first: Timestamp
        public var last: Timestamp
    }

    public let reference: Reference
    /// The actor was erased; ask by `@PSEUDONYM`.
    public let isErased: Bool
    public let total: Int
    /// Most often looked at first.
    public let people: [Touched]
    public let records: [Touched]
    /// What retention took of the whole trail: whether any of it would be among the answers cannot be told any more.
    public let pruned: PrunedEntries
    /// From when on was asked.
    public let since: Timestamp?
}

extension Inquiry {
    /// Everything this actor looked at between two times.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func viewedBy(_ reference: Reference, since: Timestamp? = nil, until: Timestamp? = nil, asker: Asker) async throws -> ReachAnswer
    {
        try asker.check(.query, by: policy)
        try asker.checkNaming(of: [reference], by: policy)
        return try await answering {
            let known = try await ReferenceResolver(policy: policy, vault: vault).acting(reference)
            var reach = Reach()
            if let acting = known.acting {
                try await walk([Term(.actor, acting)], since, until) { reach.add($0) }
            }
            if let subject = known.subject {
                // Looks at oneself are under the subject's pseudonym, apart from the acting one.
                try await walk([Term(.lookedAt, subject)], since, until) { if $0.actor.identity == .oneself { reach.add($0) } }
            }
            let people = try await named(reach.people, asker: asker)
            var asked = ResolvedReference(person: known.acting ?? known.subject)
            if case .record(_, let id) = reference, asked.person == nil, !known.isErased { asked.asked = id }
            try await note("viewed_by", by: asker, about: asked, rows: reach.total)
            try await noteNamed(people, by: asker)
            return ReachAnswer(
                reference: reference, isErased: known.isErased, total: reach.total, people: people, records: Reach.sorted(reach.records),
                pruned: try await trail.prunedSoFar(), since: since)
        }
    }

    private func walk(_ terms: [Term], _ since: Timestamp?, _ until: Timestamp?, _ visit: (Header) -> Void) async throws {
        var query = IndexQuery(limit: Inquiry.pageCount)
        query.terms = [terms]
        query.events = Term.lookEvents.sorted()
        query.withoutQuestions = true
        query.from = since
        query.to = until
        while true {
            let page = try await trail.page(query)
            for entry in page {
                if let body = entry.body { visit(try Header(decoding: body.header)) }
            }
            guard page.count == query.limit, let last = page.last else { return }
            query.before = last.seq
        }
    }

    private func named(_ people: [ReachAnswer.Touched.Thing: ReachAnswer.Touched], asker: Asker) async throws -> [ReachAnswer.Touched] {
        var named = Reach.sorted(people)
        guard asker.rights.contains(.resolve) else { return named }
        for place in named.indices {
            guard case .person(let pseudonym) = named[place].thing else { continue }
            let person = try await vault.resolve(pseudonym)
            named[place].name = person.map { "\($0.type)/\($0.id)" }
            named[place].isErased = person == nil
        }
        return named
    }
}

extension Inquiry {
    /// Whose ids an answer tells finds that in what was asked about them: they stand in entries of their own, a thousand in each.
    private func noteNamed(_ people: [ReachAnswer.Touched], by asker: Asker) async throws {
        let named = people.compactMap { touched -> Bytes16? in
            guard touched.name != nil, case .person(let pseudonym) = touched.thing else { return nil }
            return pseudonym
        }
        for start in stride(from: 0, to: named.count, by: Header.subjectCountMax) {
            let part = Array(named[start..<min(start + Header.subjectCountMax, named.count)])
            try await note("resolved", by: asker, rows: part.count, people: part)
        }
    }
}

private struct Reach {
    var total = 0
    var people: [ReachAnswer.Touched.Thing: ReachAnswer.Touched] = [:]
    var records: [ReachAnswer.Touched.Thing: ReachAnswer.Touched] = [:]

    mutating func add(_ header: Header) {
        total += 1
        for subject in header.subjects { Reach.count(.person(subject), header, in: &people) }
        guard let record = header.record, record.id != nil || record.handle != nil else { return }
        Reach.count(.record(type: record.type, id: record.id, handle: record.handle), header, in: &records)
    }

    private static func count(
        _ thing: ReachAnswer.Touched.Thing, _ header: Header, in table: inout [ReachAnswer.Touched.Thing: ReachAnswer.Touched]
    ) {
        var row = table[thing] ?? ReachAnswer.Touched(thing: thing, first: header.occurredAt, last: header.occurredAt)
        if header.status == .failure { row.refused += 1 } else { row.shown += 1 }
        row.first = min(row.first, header.occurredAt)
        row.last = max(row.last, header.occurredAt)
        table[thing] = row
    }

    static func sorted(_ table: [ReachAnswer.Touched.Thing: ReachAnswer.Touched]) -> [ReachAnswer.Touched] {
        table.values.sorted { ($0.shown + $0.refused, $0.last) > ($1.shown + $1.refused, $1.last) }
    }
}
