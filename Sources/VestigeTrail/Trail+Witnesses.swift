/// What witnesses said of this trail. Whoever can write its file can put lines there; only what a witness did sign is given out.
extension Trail {
    /// Keeps a checkpoint of this trail for good, with what witnesses signed under it. Durable on return.
    package func keep(_ checkpoint: Checkpoint, cosignatures: [Cosignature]) async throws {
        try await read { store in
            try store.write { try $0.keep(checkpoint.note, size: checkpoint.size, cosignatures: cosignatures.map(\.line)) }
        }
    }

    /// A checkpoint's note with every cosignature that was kept for its size.
    ///
    /// - Parameter keys: of the witnesses whose lines count; asked only where there are any.
    package func cosigned(_ checkpoint: Checkpoint, by keys: @Sendable () async throws -> [WitnessKey]) async throws -> String {
        let (lines, history) = try await read { [keys = self.keys] store in
            (try store.cosignatures(checkpoint.size...checkpoint.size), try KeyHistory.read(store, newest: keys.verifierKey))
        }
        let own = try checkpoint.ownNote(by: history.key(of: checkpoint.size))
        guard !lines.isEmpty else { return own }
        // Another history may have had this size, whose lines are not under this text.
        return own + Trail.good(lines, under: try SignedNote(own).text, by: try await keys()).joined()
    }

    /// The largest checkpoint that one of these witnesses cosigned, with their lines; `nil` if none did.
    package func newestCosigned(by witnesses: [WitnessKey]) async throws -> Checkpoint? {
        guard !witnesses.isEmpty else { return nil }
        return try await read { [keys] store in
            let size = try Trail.checkpoint(of: store, by: keys).size
            let lines = Dictionary(grouping: try store.cosignatures(0...size), by: \.size)
            guard !lines.isEmpty else { return nil }
            let history = try KeyHistory.read(store, newest: keys.verifierKey)
            for kept in try store.keptCheckpoints().reversed() {
                // What is not what it should be, verifying says.
                guard let under = lines[kept.size], let checkpoint = try? history.verified(kept.note), checkpoint.size == kept.size,
                    let own = try? checkpoint.ownNote(by: history.key(of: kept.size)), let text = try? SignedNote(own).text
                else { continue }
                let good = Trail.good(under, under: text, by: witnesses)
                if !good.isEmpty { return try history.verified(own + good.joined()) }
            }
            return nil
        }
    }

    /// Those of the lines that one of the keys signed under this text.
    static func good(_ lines: [StoredCosignature], under text: String, by keys: [WitnessKey]) -> [String] {
        lines.compactMap { stored in
            guard let signatures = try? SignedNote.signatures(in: stored.line), signatures.count == 1 else { return nil }
            for key in keys {
                if let good = try? Cosignature.newest(in: signatures, of: text, by: key) { return good.line }
            }
            return nil
        }
    }

    /// What a note says of the tree's size, unverified.
    static func size(of note: String) -> UInt64? {
        let lines = note.split(separator: "\n", maxSplits: 2)
        return lines.count > 1 ? UInt64(lines[1]) : nil
    }
}
