import VestigeCrypto

/// An order-free sum over rows, each hashed under a key drawn for this run, so that nobody can prepare rows whose
/// changes cancel out.
struct TermSum: Equatable {
    let key: Bytes16
    private var sum: UInt64 = 0
    private var count = 0

    init(key: Bytes16 = .random()) {
        self.key = key
    }

    mutating func add(_ place: TermPlace) {
        var hasher = Hasher()
        hasher.combine(key)
        hasher.combine(place)
        sum &+= UInt64(bitPattern: Int64(hasher.finalize()))
        count += 1
    }

    /// What another thread summed under the same key.
    mutating func add(_ other: TermSum) {
        sum &+= other.sum
        count += other.count
    }
}

/// A stretch of the index by term, which is ordered by its bytes: from after one row to another, itself included.
struct TermRange: Sendable {
    let after: TermPlace?
    let through: TermPlace?

    static let whole = TermRange(after: nil, through: nil)

    /// The whole index in 25 stretches: four for each kind of term, and what comes before.
    static var split: [TermRange] {
        var bounds: [TermPlace?] = [nil]
        for kind in Term.Kind.allCases {
            for quarter in UInt8(0)..<4 {
                let value = Bytes16([quarter << 6] + [UInt8](repeating: 0, count: 15)) ?? .zero
                bounds.append(TermPlace(term: Term(kind, value), seq: 0))
            }
        }
        return zip(bounds, bounds.dropFirst() + [nil]).map { TermRange(after: $0, through: $1) }
    }

    /// - Parameter page: rows in one statement.
    func sum(in store: any TrailStore, below count: UInt64, key: Bytes16, page: Int) throws -> TermSum {
        var sum = TermSum(key: key)
        var last = after
        var isPast = false
        repeat {
            last = try store.scanTerms(after: last, limit: page) { place in
                if let through, (through.term, through.seq) < (place.term, place.seq) {
                    isPast = true
                } else if place.seq < count {
                    sum.add(place)
                }
            }
        } while last != nil && !isPast
        return sum
    }
}
