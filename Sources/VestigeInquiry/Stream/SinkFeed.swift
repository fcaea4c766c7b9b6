public import VestigePolicy
public import VestigeTrail
package import VestigeVault

/// One line for a sink, without a line end.
public struct SinkLine: Sendable, Equatable {
    public let seq: UInt64
    public let bytes: [UInt8]
}

/// A few entries in order, as a sink gets them.
public struct SinkBatch: Sendable, Equatable {
    /// Ascending by place; fewer than places where the sink has channels of its own.
    public let lines: [SinkLine]
    /// The place after the last one that was looked at: where to go on.
    public let next: UInt64
    /// How large the trail is.
    public let size: UInt64
    /// The first place's entry was made durable then; `nil` on an empty batch.
    public let firstRecordedAt: Timestamp?

    /// Nothing is behind it.
    public var reachesEnd: Bool { next >= size }
}

/// Reads the trail for one sink, from behind and by place, so that nobody who records waits for it.
///
/// Lines hold headers and pseudonyms; of an actor only what the policy names for this sink. What is sealed about the people concerned never
/// leaves here.
public struct SinkFeed: Sendable {
    /// Places in one read.
    public static let batchCountMax = 500

    public let name: String
    public let rule: SinkRule
    private let trail: Trail
    private let opener: EntryOpener
    private let source: ExportSource

    /// - Parameter source: the rule's enterprise number stands in place of its own.
    package init(_ name: String, _ rule: SinkRule, trail: Trail, vault: Vault, policy: Policy, source: ExportSource) {
        self.name = name
        self.rule = rule
        self.trail = trail
        var source = source
        source.enterprise = rule.enterprise
        self.source = source
        opener = EntryOpener(
            vault: vault, trail: trail.identity.id, opensActors: rule.actor != nil && policy.actors.show == .name, opensSubjects: false)
    }

    /// The entries from a place on.
    ///
    /// - Parameter limit: places, at most ``batchCountMax``.
    public func batch(from seq: UInt64, limit: Int = SinkFeed.batchCountMax) async throws -> SinkBatch {
        let size = try await trail.size()
        let end = min(size, seq + UInt64(max(1, min(limit, SinkFeed.batchCountMax))))
        guard seq < end else { return SinkBatch(lines: [], next: min(seq, size), size: size, firstRecordedAt: nil) }
        let stored = try await trail.entries(Array(seq..<end))
        guard stored.count == Int(end - seq) else {
            throw InquiryError.unavailable("entries are missing from the trail; run `vestige verify`")
        }
        var lines: [SinkLine] = []
        for entry in try await opener.open(stored) where isWanted(entry) {
            lines.append(SinkLine(seq: entry.seq, bytes: line(told(entry))))
        }
        return SinkBatch(
            lines: lines, next: end, size: size, firstRecordedAt: stored.first.flatMap { Leaf(decoding: $0.leaf)?.recordedAt })
    }

    private func isWanted(_ entry: OpenedEntry) -> Bool {
        guard let channels = rule.channels else { return true }
        return entry.header.map { channels.contains($0.channel) } ?? false
    }

    /// Only what the policy names; an actor's slot holds pages and cases too.
    private func told(_ entry: OpenedEntry) -> OpenedEntry {
        var entry = entry
        entry.actor = entry.actor.map(told)
        entry.behalf = entry.behalf.map(told)
        entry.page = nil
        entry.caseReference = nil
        entry.justification = nil
        entry.tried = nil
        return entry
    }

    private func told(_ actor: OpenedActor) -> OpenedActor {
        var told = OpenedActor(
            type: actor.type, role: actor.role, pseudonym: actor.pseudonym, isSelf: actor.isSelf, isErased: actor.isErased)
        for field in rule.actor?.fields ?? [] {
            switch field {
            case .id: told.id = actor.id
            case .name: told.name = actor.name
            case .email: told.email = actor.email
            case .ip: told.ip = actor.ip
            case .userAgent: told.userAgent = actor.userAgent
            case .session: told.session = actor.session
            }
        }
        return told
    }

    private func line(_ entry: OpenedEntry) -> [UInt8] {
        switch rule.format {
        case .syslog: EntrySyslog.line(entry, source)
        case .ocsf: EntryOCSF.line(entry, source)
        case .ecs: EntryECS.line(entry, source)
        case .cef: EntryCEF.line(entry, source)
        case .ndjson: EntryJSON.line(entry)
        }
    }
}
