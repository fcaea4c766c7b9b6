/// Single bodies that go before their time.
extension Trail {
    /// Every redaction that was decided, oldest first, each proven against the newest checkpoint. Reads the index of their action.
    ///
    /// - Throws: ``TrailError/inconsistent(_:)`` if an entry is indexed as one and is none.
    public func redactions() async throws -> [Redaction] {
        var redactions: [Redaction] = []
        for entry in try await redactionEntries() {
            let (header, payload) = try await proven(entry)
            guard let redaction = Redaction(header, payload, seq: entry.seq) else {
                throw TrailError.inconsistent("entry \(entry.seq) is indexed as a redaction and is none")
            }
            redactions.append(redaction)
        }
        return redactions
    }

    /// How many bodies were redacted in all, as the entries about it say; nothing is proven here.
    public func redactedCount() async throws -> Int {
        var seqs: Set<UInt64> = []
        for entry in try await redactionEntries() {
            guard let body = entry.body, let header = try? Header(decoding: body.header), let payload = try? Payload(decoding: body.payload)
            else { continue }
            seqs.formUnion(Redaction(header, payload, seq: entry.seq)?.seqs ?? [])
        }
        return seqs.count
    }

    /// Carries a redaction out: removes what is still there of the bodies, index rows and terms that it names. It may be repeated.
    ///
    /// - Returns: false if somebody who reads an older state keeps their bytes in a file for now: ask again later.
    /// - Throws: ``TrailError/storage(_:)``; nothing was removed.
    package func carryOut(_ redaction: Redaction) async throws -> Bool {
        try await read { try $0.redact(redaction.seqs, by: redaction.entry) }
    }

    private func redactionEntries() async throws -> [StoredEntry] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Redaction.channel]
        query.actions = [Redaction.action]
        var found: [StoredEntry] = []
        while true {
            let page = try await page(query)
            found += page
            guard page.count == query.limit, let last = page.last else { return found.reversed() }
            query.before = last.seq
        }
    }
}
