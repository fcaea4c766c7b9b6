public import VestigeInquiry
import VestigePolicy
public import VestigeTrail

/// How far behind a sink is.
public struct SinkStanding: Sendable, Equatable {
    public let name: String
    /// As the policy has it.
    public let destination: String
    /// The place of the first entry that is not known to have arrived.
    public let next: UInt64
    /// Entries from there to the end of the trail.
    public let lagEntries: UInt64
    /// How long the first of them has been waiting; 0 when none is.
    public let lagSeconds: Double
    /// When something was last known to have arrived.
    public let confirmedAt: Timestamp?
}

extension LocalVestige {
    private var sinkBook: SinkBook { SinkBook(desk: desk, trail: trail.identity.id) }

    /// Every sink of the policy and how far behind it is: for status, readiness and metrics.
    public func sinkStandings() async throws -> [SinkStanding] {
        var standings: [SinkStanding] = []
        for (name, rule) in policy.sinks.pairs {
            let cursor = try await sinkBook.cursor(of: name)
            let size = try await trail.size()
            var seconds = 0.0
            if cursor.next < size, let entry = try await trail.entries([cursor.next]).first, let leaf = Leaf(decoding: entry.leaf) {
                seconds = max(0, Double(clock().microseconds - leaf.recordedAt.microseconds) / 1_000_000)
            }
            standings.append(
                SinkStanding(
                    name: name, destination: rule.destination.description, next: cursor.next,
                    lagEntries: size > cursor.next ? size - cursor.next : 0, lagSeconds: seconds, confirmedAt: cursor.confirmedAt))
        }
        return standings
    }

    /// What one sink is sent.
    ///
    /// - Throws: ``LocalError/noSuchSink(_:known:)``
    public func sinkFeed(_ name: String, tenant: String? = nil) throws -> SinkFeed {
        guard let rule = policy.sinks[name] else { throw LocalError.noSuchSink(name, known: policy.sinks.codes) }
        return SinkFeed(
            name, rule, trail: trail, vault: vault, policy: policy, source: exportSource(tenant: tenant, enterprise: rule.enterprise))
    }

    public func sinkCursor(of name: String) async throws -> SinkCursor { try await sinkBook.cursor(of: name) }

    /// Everything below `next` has arrived. Durable on return.
    ///
    /// - Parameter cursor: the newest one.
    /// - Throws: ``LocalError/otherStream(_:)`` if another process streams to this sink.
    public func moveSink(_ name: String, _ cursor: SinkCursor, to next: UInt64) async throws -> SinkCursor {
        try await sinkBook.move(name, cursor, to: next, at: clock())
    }

    /// Records that entries begin to leave for a sink: for whom, from which place on.
    public func recordStreaming(to name: String, from seq: UInt64, by asker: Asker) async throws {
        try await inquiry.recordStreaming(to: name, from: seq, by: asker)
    }
}
