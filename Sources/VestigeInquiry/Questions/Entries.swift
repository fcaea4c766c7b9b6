import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
import VestigeVault

extension Inquiry {
    /// One page of the entries that match, newest first.
    ///
    /// What is recorded after the first page was asked for is on none of the pages that follow, and in no total of them.
    ///
    /// - Parameters:
    ///   - limit: entries on a page; a service offers ``EntryPage/sizes``.
    ///   - cursor: of the page before, for the same filter.
    ///   - withFacets: also counts channels, events and actions; left out for a text search, which the index does not know.
    ///   - textPlaceCountMax: how many entries a text search reads at most, to the nearest thousand. A page that ends there may have fewer
    ///     entries than asked for, none too, and has a cursor.
    /// - Throws: ``InquiryError``; nothing was shown.
    public func entries(
        _ filter: EntryFilter, limit: Int, cursor: EntryCursor? = nil, withFacets: Bool = false, textPlaceCountMax: Int = .max, asker: Asker
    ) async throws -> EntryPage {
        try asker.check(.query, by: policy)
        try asker.checkNaming(of: filter.actors, by: policy)
        let question = asked(filter.canonical)
        try cursor?.check(question)
        return try await answering {
            let resolved = try await resolve(filter)
            let size = if let cursor { cursor.size } else { try await trail.size() }
            let redacted = try await trail.redactedCount()
            let pruned = try await trail.prunedSoFar()
            guard var query = resolved.query else {
                try await note("searched", by: asker, rows: 0, asked: resolved.said)
                let facets = withFacets && filter.texts.isEmpty ? EntryFacets([], isComplete: true) : nil
                return EntryPage(
                    entries: [], first: 0, total: 0, totalIsExact: true, cursor: nil, facets: facets, redacted: redacted, pruned: pruned,
                    since: filter.from)
            }
            query.limit = min(max(0, limit), IndexQuery.limitMax)
            query.before = cursor?.before
            query.below = size
            let found = try await search(query, texts: filter.texts, placeCountMax: textPlaceCountMax)
            let entries = try await opener(for: asker).open(found.entries)
            let shown = Int(clamping: cursor?.shown ?? 0)
            var total = shown + entries.count
            var isExact = found.next == nil
            var facets: EntryFacets?
            if filter.texts.isEmpty {
                let counted = try await trail.count(query, ceiling: Inquiry.countCeiling + 1)
                (total, isExact) = (min(counted, Inquiry.countCeiling), counted <= Inquiry.countCeiling)
                if withFacets {
                    let counts = try await trail.facets(query, placeCountMax: EntryFacets.placeCountMax)
                    facets = EntryFacets(counts.counts, isComplete: counts.isComplete)
                }
            }
            try await note("searched", by: asker, about: subject(of: query), rows: entries.count, asked: resolved.said)
            return EntryPage(
                entries: entries, first: entries.isEmpty ? 0 : shown + 1, total: total, totalIsExact: isExact,
                cursor: found.next.map {
                    EntryCursor(size: size, before: $0, shown: UInt64(shown + entries.count), of: question)
                }, facets: facets, redacted: redacted, pruned: pruned, since: filter.from)
        }
    }

    /// The checkpoint that an export names.
    public func checkpoint() async throws -> Checkpoint {
        try await answering { try await trail.checkpoint() }
    }

    /// A text search reads headers until the page is full, the trail ends, or it has read `placeCountMax` of them.
    ///
    /// - Returns: what was found, and the place below which the next page begins; `nil`: there is no more.
    func search(_ query: IndexQuery, texts: [String], placeCountMax: Int = .max) async throws -> (entries: [StoredEntry], next: UInt64?) {
        guard !texts.isEmpty else {
            let page = try await trail.page(query)
            return (page, page.count == query.limit ? page.last?.seq : nil)
        }
        let needles = texts.map { $0.lowercased() }
        var query = query
        let wanted = query.limit
        query.limit = Inquiry.pageCount
        var found: [StoredEntry] = []
        var placeCount = 0
        while true {
            let page = try await trail.page(query)
            placeCount += page.count
            for entry in page {
                guard let body = entry.body else { continue }
                let clear = try Header(decoding: body.header).clearText.map { $0.lowercased() }
                guard needles.allSatisfy({ needle in clear.contains { $0.contains(needle) } }) else { continue }
                found.append(entry)
                if found.count >= wanted { return (found, entry.seq) }
            }
            guard page.count == query.limit, let last = page.last else { return (found, nil) }
            guard placeCount < placeCountMax else { return (found, last.seq) }
            query.before = last.seq
        }
    }

    /// What a filter comes to in the index (`nil` when a reference leads to nobody, so that nothing can match), and what the question's own
    /// entry keeps of it.
    func resolve(_ filter: EntryFilter) async throws -> (query: IndexQuery?, said: String) {
        if let problem = filter.problem(by: policy) { throw InquiryError.undeclared(problem) }
        let resolver = ReferenceResolver(policy: policy, vault: vault)
        var query = IndexQuery(limit: Inquiry.pageCount)
        query.channels = filter.channels
        query.events = filter.events
        query.actions = filter.actions
        query.statuses = filter.statuses
        query.actorTypes = filter.actorTypes
        query.purposes = filter.purposes
        query.from = filter.from
        query.to = filter.to
        var people: [(name: String, terms: [Term])] = []
        if !filter.actors.isEmpty {
            var terms: [Term] = []
            for actor in filter.actors { terms += try await resolver.acting(actor).acting.map { [Term(.actor, $0)] } ?? [] }
            people.append(("actor", terms))
        }
        if !filter.subjects.isEmpty {
            var terms: [Term] = []
            for subject in filter.subjects {
                let person = try await resolver.viewed(subject).person
                terms += person.map { [Term(.lookedAt, $0), Term(.concerned, $0), Term(.subjectAsked, $0)] } ?? []
            }
            people.append(("subject", terms))
        }
        if !filter.records.isEmpty {
            var terms: [Term] = []
            for record in filter.records { terms += recordTerms(try await resolver.viewed(record)) }
            people.append(("record", terms))
        }
        query.terms = people.map(\.terms)
        return (query.terms.contains(where: \.isEmpty) ? nil : query, filter.said(people))
    }

    /// A record's own entries: those whose record it is, not those that only concern the person.
    private func recordTerms(_ resolved: ResolvedReference) -> [Term] {
        guard let record = resolved.record else { return resolved.terms }
        return [Term.record(record), Term.record(record, asked: true)].compactMap { $0 }
    }

    /// For the question's own entry: the person asked about, if there is one.
    func subject(of query: IndexQuery) -> ResolvedReference? {
        let people = Set(query.terms.joined().filter { $0.kind == .lookedAt }.map(\.value))
        return people.count == 1 ? people.first.map { ResolvedReference(person: $0) } : nil
    }
}

extension EntryFilter {
    /// One text for one question, whatever the order in which it was given.
    var canonical: String { pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

    /// What the question's own entry keeps, sealed for who asked: codes and times as they were given, people and records as they stand in the
    /// trail, and of texts only how many. An id or a name here would outlive the person's erasure.
    fileprivate func said(_ people: [(name: String, terms: [Term])]) -> String {
        var words: [String] = []
        for (name, value) in pairs where !["actor", "subject", "record", "text"].contains(name) { words.append("\(name):\(value)") }
        // A person's two pseudonyms must not meet here: an actor's stands only where no other is.
        let hasOthers = people.contains { $0.name != "actor" }
        for (name, terms) in people {
            guard name != "actor" || !hasOthers || terms.isEmpty else {
                words.append("actor:given")
                continue
            }
            let pseudonyms = Set(terms.filter { $0.kind != .record && $0.kind != .recordAsked }.map(\.value.hex)).sorted()
            words +=
                pseudonyms.isEmpty
                ? ["\(name):\(terms.isEmpty ? "unknown" : "given")"] : pseudonyms.prefix(EntryFilter.saidCountMax).map { "\(name):@\($0)" }
        }
        if !texts.isEmpty { words.append("text:\(texts.count)") }
        return words.prefix(EntryFilter.saidCountMax).joined(separator: " ")
    }

    private static let saidCountMax = 100
}

extension Header {
    /// What a text search sees: nothing that is sealed.
    fileprivate var clearText: [String] {
        [channel, event, action, purpose, record?.type, record?.id, recipient, description?.template].compactMap { $0 } + fields
            + (description.map { Array($0.clear.values) } ?? [])
    }
}
