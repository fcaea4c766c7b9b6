import VestigeCrypto

/// Which key signs which checkpoint of a trail whose signing key was changed.
///
/// A change is an entry, `key.signing_rotated`, whose clear item is `old <verifier key>\nnew <verifier key>\n`. Checkpoints of trees without
/// that entry are by the old key, all others by the new one; the first tree with it has a kept checkpoint signed by both.
public struct KeyHistory: Sendable, Equatable {
    public static let action = "key.signing_rotated"
    private static let channel = "compliance"

    struct Change: Sendable, Equatable {
        let seq: UInt64
        let old: VerifierKey
        let new: VerifierKey
    }

    /// The key that signs now.
    public let newest: VerifierKey
    /// By seq ascending.
    let changes: [Change]

    init(newest: VerifierKey, changes: [Change] = []) {
        self.newest = newest
        self.changes = changes
    }

    /// Follows the entries back from the newest key. Each is held against its leaf; that the leaf stands in the tree is for the caller to
    /// see, as a verification does. One that does not lead on ends the history: what came before is then signed by nobody we know.
    static func read(_ store: any TrailStore, newest: VerifierKey) throws -> KeyHistory {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.actions = [action]
        query.channels = [channel]
        var changes: [Change] = []
        var key = newest
        for entry in try store.entries(try store.search(query)) {
            guard let change = change(entry), change.new == key, change.old.name == key.name else { break }
            changes.append(change)
            key = change.old
        }
        return KeyHistory(newest: newest, changes: changes.reversed())
    }

    private static func change(_ entry: StoredEntry) -> Change? {
        guard let body = entry.body, let leaf = Leaf(decoding: entry.leaf),
            leaf.commits(to: .header, salt: body.headerSalt, bytes: body.header),
            leaf.commits(to: .payload, salt: body.payloadSalt, bytes: body.payload),
            let header = try? Header(decoding: body.header), let payload = try? Payload(decoding: body.payload),
            let keys = keys(header, payload)
        else { return nil }
        return Change(seq: entry.seq, old: keys.old, new: keys.new)
    }

    /// What header and payload, both held against their leaf, say of a change; `nil` if they are none.
    static func keys(_ header: Header, _ payload: Payload) -> (old: VerifierKey, new: VerifierKey)? {
        guard header.action == action, header.channel == channel, let text = payload.items.first(where: { $0.kind == .clear })?.bytes else {
            return nil
        }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 3, lines[0].hasPrefix("old "), lines[1].hasPrefix("new "), lines[2].isEmpty,
            let old = try? VerifierKey(lines[0].dropFirst(4)), let new = try? VerifierKey(lines[1].dropFirst(4))
        else { return nil }
        return (old, new)
    }

    /// The clear item of an entry that says so.
    package static func text(old: VerifierKey, new: VerifierKey) -> [UInt8] { Array("old \(old)\nnew \(new)\n".utf8) }

    /// The key that signed the tree of `size` entries.
    public func key(of size: UInt64) -> VerifierKey { changes.first { size <= $0.seq }?.old ?? newest }

    /// Reads a checkpoint of any size.
    ///
    /// - Throws: ``TrailError/malformedNote(_:)``, ``TrailError/badSignature(name:)``
    public func verified(_ note: String) throws(TrailError) -> Checkpoint {
        // What the note says of its size chooses the key; the signature is over that size.
        try Checkpoint(verifying: note, by: key(of: Trail.size(of: note) ?? 0))
    }

    /// Changes that no kept checkpoint with both signatures confirms.
    func unconfirmed(by kept: [KeptCheckpoint], below size: UInt64) -> [TrailFinding] {
        changes.filter { change in
            change.seq < size
                && !kept.contains { kept in
                    // Its row says which one it is; only that one is worth two verifications.
                    kept.size == change.seq + 1
                        && [change.old, change.new].allSatisfy { (try? Checkpoint(verifying: kept.note, by: $0))?.size == change.seq + 1 }
                }
        }.map { change in
            TrailFinding(
                .checkpoint, seq: change.seq, "the signing key was changed here, and no checkpoint signed by both keys is kept")
        }
    }
}

extension Trail {
    /// Which key signed what.
    public func keyHistory() async throws -> KeyHistory {
        try await read { [keys] store in
            _ = try Trail.checkpoint(of: store, by: keys)
            return try KeyHistory.read(store, newest: keys.verifierKey)
        }
    }

    /// Appends `entry`, which says that the key changes from `old` to `next`'s, and signs with `next` from there on. In the same commit a
    /// checkpoint signed by both keys is kept. Durable on return; every other process must take the new key from its keyring.
    ///
    /// - Returns: where the entry stands, and the checkpoint with both signatures.
    /// - Throws: ``TrailError/keyChanged`` when `old` is not the trail's key any more; nothing was written.
    package func rotate(_ entry: SealedEntry, from old: VerifierKey, to next: CheckpointSigner) async throws -> (
        appended: Appended, handover: Checkpoint
    ) {
        guard let sequencer else { throw TrailError.closed }
        return try await sequencer.rotate(entry, from: old, to: next)
    }
}

extension CheckedEntry {
    /// The change of the signing key that this entry says, if it is one and nothing of it is wrong. Whoever trusts the key that the entry was
    /// checked by may take the old one from it for checkpoints of trees without the entry.
    public var signingChange: (old: VerifierKey, new: VerifierKey)? {
        guard findings.isEmpty, let header, let payload else { return nil }
        return KeyHistory.keys(header, payload)
    }
}
