import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// What a certificate states, gathered after the probe: from the erasure's file, the trail's index and the policy in force.
extension Rights {
    /// Entries are counted up to here.
    private static let countMax = 10_000_000

    func facts(of ticket: ErasureTicket, _ file: ErasureFile, _ hand: Hand, _ steps: Steps) async throws -> CertificateFacts {
        guard let started = EntryID(ticket.started), let completed = EntryID(ticket.completed) else { throw VaultError.erasureOutOfStep }
        let keys = ticket.keys.sorted { $0.role < $1.role }
        var counts: [CertificateFacts.Count] = []
        var retained: [CertificateFacts.Retained] = []
        for key in keys {
            let count = try await count(of: key)
            counts.append(count)
            retained += try await self.retained(of: key, count)
        }
        // Each moment is at the earliest the one before it: a clock may be set back between two steps.
        let startedAt = steps.started.recordedAt
        let destroyedAt = (steps.destroyedAt ?? file.destroyedAt).map { max($0, startedAt) }
        let forgottenAt = max(steps.forgottenAt, destroyedAt ?? startedAt)
        retained += ends(of: file)
        return CertificateFacts(
            origin: trail.origin, erasure: ticket.erasure, caseReference: file.caseReference, askedBy: file.askedBy,
            finishedBy: hand.actor.kind.rawValue, isResumed: ticket.wasUnderWay, policy: policy.digest,
            keys: keys.map { CertificateFacts.Key(role: $0.role, kek: file.keks[$0.role]) }, dueDay: file.keptUntil,
            askedAt: file.askedAt.map { min($0, startedAt) }, started: .init(id: started, seq: steps.started.seq, at: startedAt),
            destroyedAt: destroyedAt, forgottenAt: forgottenAt, probedAt: max(steps.probedAt, forgottenAt), completed: completed,
            entries: counts, retained: retained, backups: backups(from: destroyedAt ?? forgottenAt))
    }

    // MARK: What stays in the trail

    private func query(_ key: ErasedKey) -> IndexQuery {
        var query = IndexQuery(limit: 1)
        query.terms = [[Term.Kind.lookedAt, .concerned, .subjectAsked, .actor].map { Term($0, key.pseudonym) }]
        return query
    }

    private func count(of key: ErasedKey) async throws -> CertificateFacts.Count {
        var query = query(key)
        let total = try await trail.count(query, ceiling: Self.countMax)
        var channels: [CertificateFacts.ChannelCount] = []
        var found = 0
        for channel in (policy.channels + [Code.complianceChannel]).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        where found < total {
            query.channels = [channel]
            let count = try await trail.count(query, ceiling: Self.countMax)
            guard count > 0 else { continue }
            found += count
            channels.append(.init(channel: channel, count: count))
        }
        return .init(role: key.role, total: total, channels: channels)
    }

    private func retained(of key: ErasedKey, _ count: CertificateFacts.Count) async throws -> [CertificateFacts.Retained] {
        var retained: [CertificateFacts.Retained] = []
        for channel in count.channels {
            var query = query(key)
            query.channels = [channel.channel]
            var entries = channel.count
            if channel.channel == Code.complianceChannel {
                // Questions about the person go with time; what Vestige did to their keys stays as long as the trail.
                query.withoutQuestions = true
                let kept = try await trail.count(query, ceiling: Self.countMax)
                query.withoutQuestions = false
                entries -= kept
                if kept > 0 {
                    retained.append(
                        .init(
                            kind: .record, role: key.role, channel: channel.channel, count: kept,
                            because: "they show that the erasure took place (GDPR Art. 5(2)), and a restored backup is erased again by them"
                        ))
                }
            }
            guard entries > 0 else { continue }
            let window = policy.window(for: channel.channel)
            let newest = try await trail.page(query).first.flatMap { Leaf(decoding: $0.leaf)?.recordedAt.day }
            retained.append(
                .init(
                    kind: .entries, role: key.role, channel: channel.channel, count: entries, days: window.keep.days,
                    until: newest.map { Int($0) + window.keep.days }, because: window.because))
        }
        return retained
    }

    // MARK: What stays elsewhere

    private func ends(of file: ErasureFile) -> [CertificateFacts.Retained] {
        var ends: [CertificateFacts.Retained] = []
        if let day = file.deferredUntil { ends.append(.init(kind: .actingKey, role: .acting, until: day, because: file.deferredBecause)) }
        if let day = file.fence {
            ends.append(.init(kind: .fence, until: day, because: "so that a late entry about an erased id makes no new key for it"))
        }
        ends.append(.init(kind: .caseFile, until: file.fileUntil ?? fileDay, because: policy.cases.because))
        return ends
    }

    private func backups(from destruction: Timestamp) -> CertificateFacts.Backups {
        let (day, rules) = (Int(destruction.day), policy.backups)
        return .init(
            vaultDays: rules.vault.days, vaultUntil: day + rules.vault.days, keyringDays: rules.keyring.days,
            keyringUntil: day + rules.keyring.days)
    }
}
