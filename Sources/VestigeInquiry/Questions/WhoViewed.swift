import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

/// The looks at one record or person, newest first.
public struct ViewsAnswer: Sendable {
    public let reference: Reference
    public let total: Int
    /// False when there are more than were counted.
    public let totalIsExact: Bool
    /// Somebody who was erased and is still fenced; there is nothing else to say about them.
    public let isErased: Bool
    public let views: [View]
    /// The place of the page's first look among all of them, from 1; 0 on an empty page.
    public let first: Int
    /// Where the next page begins; `nil` on the last one.
    public let cursor: EntryCursor?
    /// How many entries of the whole trail were redacted: whether any of them was a look at this cannot be told any more.
    public let redacted: Int
    /// What retention took of the whole trail: whether any of it would be among the answers cannot be told any more.
    public let pruned: PrunedEntries
    /// From when on was asked.
    public let since: Timestamp?

    /// `1–50 of 142`, `51–100 of 10,000+`; `0` on an empty page.
    public var summary: String { EntryPage.summary(first: first, count: views.count, total: total, isExact: totalIsExact) }
}

/// One look.
public struct View: Sendable {
    public let entry: OpenedEntry
    /// Whether the record looked at is the person's own.
    public let isDirect: Bool
}

public struct ViewsQuestion: Sendable {
    public var reference: Reference
    public var since: Timestamp?
    /// The first moment that no longer counts.
    public var until: Timestamp?
    /// 1 to 10,000.
    public var limit: Int
    /// Of the page before, for the same question. What is recorded meanwhile is on none of the pages.
    public var cursor: EntryCursor?
    /// Questions to the trail itself too.
    public var withAudit: Bool
    /// Counting costs more than the newest page; leave it out where nobody looks at it.
    public var countsTotal: Bool

    public init(
        _ reference: Reference, since: Timestamp? = nil, until: Timestamp? = nil, limit: Int = 50, cursor: EntryCursor? = nil,
        withAudit: Bool = false, countsTotal: Bool = true
    ) {
        self.reference = reference
        self.since = since
        self.until = until
        self.limit = limit
        self.cursor = cursor
        self.withAudit = withAudit
        self.countsTotal = countsTotal
    }

    /// One text for one question, whatever page of it is asked for.
    fileprivate var canonical: String {
        "who-viewed \(reference.words)\n\(since?.description ?? "")\n\(until?.description ?? "")\n\(withAudit)"
    }
}

extension Inquiry {
    /// Who viewed this record or person: for a person every entry with them among the subjects that discloses, whatever
    /// its status; for another record its entries.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func whoViewed(_ question: ViewsQuestion, asker: Asker) async throws -> ViewsAnswer {
        try asker.check(.query, by: policy)
        try question.cursor?.check(asked(question.canonical))
        return try await answering {
            let resolved = try await ReferenceResolver(policy: policy, vault: vault).viewed(question.reference)
            let answer = try await views(question, of: resolved, asker: asker)
            try await note("who_viewed", by: asker, about: resolved, rows: answer.views.count)
            return answer
        }
    }

    private func views(_ question: ViewsQuestion, of resolved: ResolvedReference, asker: Asker) async throws -> ViewsAnswer {
        guard !resolved.terms.isEmpty else {
            return ViewsAnswer(
                reference: question.reference, total: 0, totalIsExact: true, isErased: resolved.isErased, views: [], first: 0, cursor: nil,
                redacted: try await trail.redactedCount(), pruned: try await trail.prunedSoFar(), since: question.since)
        }
        var query = IndexQuery(limit: question.limit)
        query.terms = [resolved.terms]
        if question.withAudit {
            query.terms[0] += resolved.person.map { [Term(.subjectAsked, $0)] } ?? []
            if let asked = resolved.record.flatMap({ Term.record($0, asked: true) }) { query.terms[0].append(asked) }
        }
        query.from = question.since
        query.to = question.until
        let size = if let cursor = question.cursor { cursor.size } else { try await trail.size() }
        query.before = question.cursor?.before
        query.below = size
        let page = try await opener(for: asker).open(try await trail.page(query))
        let counted =
            question.countsTotal ? try await trail.count(query, ceiling: Inquiry.countCeiling + 1) : page.count
        let shown = Int(clamping: question.cursor?.shown ?? 0)
        let next = page.count == query.limit ? page.last?.seq : nil
        return ViewsAnswer(
            reference: question.reference, total: min(counted, Inquiry.countCeiling),
            totalIsExact: question.countsTotal && counted <= Inquiry.countCeiling, isErased: false,
            views: page.map { View(entry: $0, isDirect: $0.header?.record?.handle != nil && $0.header?.record?.handle == resolved.person) },
            first: page.isEmpty ? 0 : shown + 1,
            cursor: next.map { EntryCursor(size: size, before: $0, shown: UInt64(shown + page.count), of: asked(question.canonical)) },
            redacted: try await trail.redactedCount(), pruned: try await trail.prunedSoFar(), since: question.since)
    }
}
