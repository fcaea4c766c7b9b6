import VestigeCrypto

/// A row of a plan lets bodies go, so it must name an entry of the trail that decided it.
struct PlanRule {
    private let store: any TrailStore
    /// What only Vestige writes.
    private static let channel = "compliance"
    private static let actions = "retention."

    init(store: any TrailStore) {
        self.store = store
    }

    func findings() throws -> [TrailFinding] {
        var known: [Bytes16: Bool] = [:]
        var findings: [TrailFinding] = []
        for plan in try store.plans() {
            let isDecided = try known[plan.entry] ?? isPlan(plan.entry)
            known[plan.entry] = isDecided
            if !isDecided {
                findings.append(
                    TrailFinding(.stray, seq: plan.range.lowerBound, "a row calls bodies planned to go, and no entry of the trail does"))
            }
        }
        return findings
    }

    private func isPlan(_ id: Bytes16) throws -> Bool {
        guard let seq = try EntryID(id).flatMap(store.seq(of:)), let entry = try store.entries([seq]).first, let body = entry.body,
            let leaf = Leaf(decoding: entry.leaf), leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header),
            let header = try? Header(decoding: body.header), header.id.bytes == id
        else { return false }
        return header.channel == Self.channel && header.action.hasPrefix(Self.actions)
    }
}
