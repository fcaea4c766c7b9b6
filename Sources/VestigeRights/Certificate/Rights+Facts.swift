import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// What a certificate states, gathered after the probe: from the erasure's file, the trail's index and the policy in force.
extension Rights {
    func facts(of ticket: ErasureTicket, _ file: ErasureFile, _ hand: Hand, _ steps: Steps) async throws -> CertificateFacts {
        guard let started = EntryID(ticket.started), let completed = EntryID(ticket.completed) else { throw VaultError.erasureOutOfStep }
        let keys = ticket.keys.sorted { $0.role < $1.role }
        var counts: [CertificateFacts.Count] = []
        var retained: [CertificateFacts.Retained] = []
        for key in keys {
            let terms = [Term.Kind.lookedAt, .concerned, .subjectAsked, .actor].map { Term($0, key.pseudonym) }
            // One more than wanted shows that there are more.
            let channels = try await trail.channelCounts(of: terms, limit: hand.countsUpTo + 1)
            counts.append(count(of: key.role, channels, upTo: hand.countsUpTo))
            retained += try await self.retained(of: key.role, channels)
        }
        // Each moment is at the earliest the one before it: a clock may be set back between two steps.
        let startedAt = steps.started.recordedAt
        let destroyedAt = (steps.destroyedAt ?? file.destroyedAt).map { max($0, startedAt) }
        let forgottenAt = max(steps.forgottenAt, destroyedAt ?? startedAt)
        retained += try await ends(of: file)
        return CertificateFacts(
            origin: trail.origin, erasure: ticket.erasure, caseReference: file.caseReference, askedBy: file.askedBy,
            finishedBy: hand.actor.kind.rawValue, isResumed: ticket.wasUnderWay, policy: policy.digest,
            keys: keys.map { CertificateFacts.Key(role: $0.role, kek: file.keks[$0.role]) }, dueDay: file.keptUntil,
            askedAt: file.askedAt.map { min($0, startedAt) }, started: .init(id: started, seq: steps.started.seq, at: startedAt),
            destroyedAt: destroyedAt, forgottenAt: forgottenAt, probedAt: max(steps.probedAt, forgottenAt), completed: completed,
            entries: counts, retained: retained, backups: backups(from: destroyedAt ?? forgottenAt))
    }

    // MARK: What stays in the trail

    private func count(of role: KeyRole, _ channels: [ChannelCount], upTo limit: Int) -> CertificateFacts.Count {
        var count = CertificateFacts.Count(role: role, total: 0, channels: [])
        for channel in channels {
            count.total += channel.count
            // Questions follow the channel's other entries.
            if count.channels.last?.channel == channel.channel {
                count.channels[count.channels.count - 1].count += channel.count
            } else {
                count.channels.append(.init(channel: channel.channel, count: channel.count))
            }
        }
        count.isMore = count.total > limit
        return count
    }

    private func retained(of role: KeyRole, _ channels: [ChannelCount]) async throws -> [CertificateFacts.Retained] {
        var retained: [CertificateFacts.Retained] = []
        for channel in channels {
            // Questions about the person go with time; what Vestige did to their keys stays as long as the trail.
            guard channel.isQuestion || channel.channel != Code.complianceChannel else {
                retained.append(
                    .init(
                        kind: .record, role: role, channel: channel.channel, count: channel.count,
                        because: "they show that the erasure took place (GDPR Art. 5(2)), and a restored backup is erased again by them"))
                continue
            }
            let window = policy.window(for: channel.channel)
            let newest = try await trail.entries([channel.newest]).first.flatMap { Leaf(decoding: $0.leaf)?.recordedAt.day }
            retained.append(
                .init(
                    kind: .entries, role: role, channel: channel.channel, count: channel.count, days: window.keep.days,
                    until: newest.map { Int($0) + window.keep.days }, because: window.because))
        }
        return retained
    }

    // MARK: What stays elsewhere

    private func ends(of file: ErasureFile) async throws -> [CertificateFacts.Retained] {
        var ends: [CertificateFacts.Retained] = []
        if let day = file.deferredUntil { ends.append(.init(kind: .actingKey, role: .acting, until: day, because: file.deferredBecause)) }
        if let day = file.fence {
            ends.append(.init(kind: .fence, until: day, because: "so that a late entry about an erased id makes no new key for it"))
        }
        let fileUntil = if let known = file.fileUntil { known } else { try await fileDay() }
        ends.append(.init(kind: .caseFile, until: fileUntil, because: policy.cases.because))
        return ends
    }

    private func backups(from destruction: Timestamp) -> CertificateFacts.Backups {
        let (day, rules) = (Int(destruction.day), policy.backups)
        return .init(
            vaultDays: rules.vault.days, vaultUntil: day + rules.vault.days, keyringDays: rules.keyring.days,
            keyringUntil: day + rules.keyring.days)
    }
}
