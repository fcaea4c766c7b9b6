import VestigeCrypto

/// What witnesses signed, held against what the trail kept of it.
///
/// Whoever can write the file can put any line there, and take any away. So a line counts when a key made it that an entry of the trail
/// names as a witness's; and what is remembered elsewhere of such lines must still stand.
extension Trail {
    /// - Parameters:
    ///   - remembered: cosigned checkpoints that were kept elsewhere, read before this is asked.
    ///   - keys: of every witness that was ever added; read after the lines, so that nobody is added in between.
    package func cosignatureFindings(
        remembered: [String] = [], by keys: @Sendable () async throws -> [WitnessKey]
    ) async throws -> [TrailFinding] {
        let lines = try await read { try $0.cosignatures(0...UInt64(Int64.max)) }
        guard !lines.isEmpty || !remembered.isEmpty else { return [] }
        let known = try await keys()
        return try await read { [keys = self.keys] store in
            let check = CosignatureCheck(
                store: store, newest: try Trail.checkpoint(of: store, by: keys), keys: known, lines: lines,
                kept: try store.keptCheckpoints())
            return check.foundInRows() + remembered.flatMap(check.found)
        }
    }
}

private struct CosignatureCheck {
    let store: any TrailStore
    let newest: Checkpoint
    let keys: [WitnessKey]
    let lines: [StoredCosignature]
    /// The text of each kept checkpoint by its row's size.
    private let texts: [UInt64: String]

    init(store: any TrailStore, newest: Checkpoint, keys: [WitnessKey], lines: [StoredCosignature], kept: [KeptCheckpoint]) {
        self.store = store
        self.newest = newest
        self.keys = keys
        self.lines = lines
        var texts: [UInt64: String] = [:]
        for kept in kept { texts[kept.size] = (try? SignedNote(kept.note))?.text }
        self.texts = texts
    }

    func foundInRows() -> [TrailFinding] {
        lines.compactMap { stored in
            // Without a checkpoint above it is a stray row, or the checkpoint is a finding itself.
            guard let text = texts[stored.size] else { return nil }
            guard let signatures = try? SignedNote.signatures(in: stored.line), signatures.count == 1,
                let key = keys.first(where: { $0.name == signatures[0].name && $0.keyID == signatures[0].keyID })
            else {
                return TrailFinding(
                    .stray, seq: nil, "a cosignature of size \(stored.size) is by nobody whom an entry of the trail names as a witness")
            }
            do {
                _ = try Cosignature.newest(in: signatures, of: text, by: key)
                return nil
            } catch {
                return TrailFinding(.checkpoint, seq: nil, "a cosignature under the kept checkpoint of size \(stored.size): \(error)")
            }
        }
    }

    /// - Parameter note: kept where whoever writes it has no witness's key: what no witness signed under this trail's name counts for nothing.
    func found(_ note: String) -> [TrailFinding] {
        guard let signed = try? SignedNote(note), let stated = try? Checkpoint.statement(signed.text), stated.origin == newest.origin else {
            return []
        }
        let (text, size) = (signed.text, stated.head.size)
        return keys.compactMap { key in
            guard (try? Cosignature.newest(in: signed.signatures, of: text, by: key)) != nil else { return nil }
            guard size <= newest.size else {
                return TrailFinding(
                    .size, seq: newest.size,
                    "the trail has \(newest.size) entries, a checkpoint that \(key.name) cosigned says \(size): an older copy was put back. Put back the newest copy, or do again what came since, erasures first"
                )
            }
            var reader = TileReader(size: newest.size, tile: store.tile, leaves: store.leaves)
            // A tree that cannot be read is found by who walks it.
            if let root = try? reader.root(first: 0, count: size), root != stated.head.root {
                return TrailFinding(
                    .checkpoint, seq: nil,
                    "a checkpoint of size \(size) that \(key.name) cosigned is of another history: the entries below \(size) are not those it was signed for"
                )
            }
            guard texts[size] == text else {
                return TrailFinding(.checkpoint, seq: nil, "the checkpoint of size \(size) that \(key.name) cosigned is kept no more")
            }
            guard Trail.good(lines.filter { $0.size == size }, under: text, by: [key]).isEmpty else { return nil }
            return TrailFinding(
                .checkpoint, seq: nil, "the cosignature of \(key.name) under the kept checkpoint of size \(size) was taken away")
        }
    }
}
