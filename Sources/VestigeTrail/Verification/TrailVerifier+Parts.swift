import VestigeCrypto

/// Walking the entries in parts, and joining the parts to one tree.
extension TrailVerifier {
    /// Walks all entries above the builder's in order; returns how many leaves there were without a gap.
    mutating func walk(upTo size: UInt64) throws -> UInt64 {
        var blank = TrailVerifier(store: store, key: key, plan: plan)
        blank.terms = TermSum(key: terms.key)
        var next = builder.size
        let ranges = ExaminedPart.ranges(of: next..<size, count: plan.partCount)
        try InOrder.run(ranges, threads: plan.threads) { [blank] range in
            (part: blank.examined(range), expected: range.upperBound)
        } take: { part, expected in
            join(part)
            next = part.end
            if let trouble = part.trouble { throw trouble }
            plan.progress?(.entries(done: next, of: size))
            return next == expected
        }
        return next
    }

    /// The entries of `range` up to the first gap, each by itself.
    private func examined(_ range: Range<UInt64>) -> ExaminedPart {
        var pass = self
        var part = ExaminedPart(start: range.lowerBound, terms: terms)
        part.leafHashes.reserveCapacity(range.count)
        do {
            try store.scan(range) { entry, row in
                guard entry.seq == part.end else { return }
                part.leafHashes.append(TreeHash.leaf(entry.leaf))
                pass.check(entry, row)
                if pass.findings.count > TrailVerifier.findingCountMax / 2 {
                    part.findings += pass.findings
                    pass.findings = []
                }
            }
        } catch {
            part.trouble = error
        }
        part.findings += pass.findings
        part.terms = pass.terms
        part.redactions = pass.redactions
        part.retention = pass.retention
        part.firstRecorded = pass.firstRecorded
        part.lastRecordedAt = pass.firstRecorded == nil ? nil : pass.lastRecordedAt
        part.hashTiles()
        return part
    }

    /// Adds a part's leaves to the tree. What is found there stands before what its thread found in the same entry.
    private mutating func join(_ part: ExaminedPart) {
        var findings = part.findings
        if let first = part.firstRecorded, first.at < lastRecordedAt {
            let place = findings.firstIndex { ($0.seq ?? .max) >= first.seq } ?? findings.endIndex
            findings.insert(TrailFinding(.leaf, seq: first.seq, TrailVerifier.olderThanBelow), at: place)
        }
        lastRecordedAt = part.lastRecordedAt ?? lastRecordedAt
        terms.add(part.terms)
        redactions.add(part.redactions)
        retention.add(part.retention)
        var left = findings[...]
        while builder.size < part.end {
            let seq = builder.size
            // A checkpoint that ends inside the tile needs the tree at its size.
            if let tile = part.wholeTile(at: seq), awaited.last.map({ $0.checkpoint.size >= seq + UInt64(Tile.width) }) ?? true {
                take(&left, below: seq + UInt64(Tile.width) - 1)
                builder.push(tile: tile.hashes, root: tile.root)
            } else {
                take(&left, below: seq)
                builder.push(part.leafHashes[Int(seq - part.start)])
            }
            for tile in builder.takeFilledTiles() { checkTile(tile, at: builder.size - 1) }
            compareAwaited()
        }
        take(&left, below: .max)
    }

    private mutating func take(_ findings: inout ArraySlice<TrailFinding>, below seq: UInt64) {
        while let finding = findings.first, (finding.seq ?? .max) < seq || seq == .max {
            add(finding)
            findings.removeFirst()
        }
    }

    private mutating func checkTile(_ tile: Tile, at seq: UInt64) {
        let stored = try? store.tile(level: tile.level, index: tile.index)
        if stored != tile {
            add(.tile, seq: seq, "tile \(tile.level)/\(tile.index) is \(stored == nil ? "missing" : "not what the leaves give")")
        }
    }
}
