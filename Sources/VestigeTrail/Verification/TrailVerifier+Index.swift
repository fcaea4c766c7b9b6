import VestigeCrypto

/// The index by term, as a sum that needs no order; only when it is off, entry by entry. And rows that belong to no entry.
extension TrailVerifier {
    private enum IndexAnswer: Sendable {
        case sum(Result<TermSum, TrailError>)
        case strays(Result<[StrayRow], any Error>)
    }

    /// Terms and stray rows: both read the whole index, side by side.
    mutating func checkIndex(count: UInt64) throws {
        let isSplit = plan.threads > 1 && count >= plan.splitTermCount
        let ranges: [TermRange?] = [nil] + (isSplit ? TermRange.split : [.whole])
        var stored = TermSum(key: terms.key)
        var strays: Result<[StrayRow], any Error> = .success([])
        var trouble: TrailError?
        let (store, key) = (store, terms.key)
        try InOrder.run(ranges, threads: plan.threads) { range -> IndexAnswer in
            guard let range else { return .strays(Result { try store.strayRows() }) }
            do {
                return .sum(.success(try range.sum(in: store, below: count, key: key, page: Int(TrailVerifier.pageCount))))
            } catch let error as TrailError {
                return .sum(.failure(error))
            }
        } take: { answer in
            switch answer {
            case .sum(.success(let sum)): stored.add(sum)
            case .sum(.failure(let error)): trouble = trouble ?? error
            case .strays(let found): strays = found
            }
            return true
        }
        do {
            if let trouble { throw trouble }
            if stored != terms { try nameWrongTerms(count: count) }
        } catch let error as TrailError {
            add(.index, seq: nil, "the index by term cannot be read: \(error)")
        }
        for stray in try strays.get() { add(TrailVerifier.finding(of: stray)) }
    }

    private static func finding(of stray: StrayRow) -> TrailFinding {
        // Numbers are signed in a file, and nothing stands below 0.
        let isBelow = stray.seq > Int64.max
        if stray.table == .cosignature {
            let place = isBelow ? "below 0" : "of size \(stray.seq)"
            return TrailFinding(.stray, seq: nil, "a cosignature \(place) stands under no kept checkpoint")
        }
        let what = isBelow ? "has a number below 0" : "belongs to no entry"
        return TrailFinding(.stray, seq: isBelow ? nil : stray.seq, "a row in the \(stray.table.rawValue) table \(what)")
    }

    private mutating func nameWrongTerms(count: UInt64) throws {
        let before = findings.count
        var hasUnsound = false
        var isGoneMeanwhile = false
        let chunk: UInt64 = 65_536
        for start in stride(from: UInt64(0), to: count, by: UInt64.Stride(chunk)) {
            let range = start..<min(start + chunk, count)
            var expected: Set<TermPlace> = []
            // Found as they are; what they should be listed under, nobody can say.
            var unsound: Set<UInt64> = []
            try store.scan(range) { entry, _ in
                if entry.redactedBy != nil, !redactions.knows(entry.seq) { isGoneMeanwhile = true }
                if entry.body == nil, entry.redactedBy == nil, !retention.knowsBodiless(entry.seq) { isGoneMeanwhile = true }
                guard let header = TrailVerifier.soundHeader(of: entry) else {
                    if entry.body != nil { unsound.insert(entry.seq) }
                    return
                }
                for term in Term.all(of: header) { expected.insert(TermPlace(term: term, seq: entry.seq)) }
            }
            var wrong: [UInt64] = []
            var last: TermPlace?
            repeat {
                last = try store.scanTerms(after: last, limit: Int(TrailVerifier.pageCount)) { place in
                    guard range.contains(place.seq), !unsound.contains(place.seq) else { return }
                    if expected.remove(place) == nil { wrong.append(place.seq) }
                }
            } while last != nil
            hasUnsound = hasUnsound || !unsound.isEmpty
            for seq in Set(wrong) { add(.index, seq: seq, "the index lists the entry under a term that its header does not have") }
            for seq in Set(expected.map(\.seq)).sorted() {
                // Redacted or pruned after it was read, and before the terms were.
                if try store.entries([seq]).first?.body == nil {
                    isGoneMeanwhile = true
                } else {
                    add(.index, seq: seq, "the index does not list the entry under a term of its header")
                }
            }
        }
        // Entry by entry all is well: what was counted before is gone by now.
        if findings.count == before, !hasUnsound, !isGoneMeanwhile {
            add(.index, seq: nil, "the index by term does not agree with the headers")
        }
    }
}
