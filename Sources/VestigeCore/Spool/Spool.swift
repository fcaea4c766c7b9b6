import VestigeTrail

/// Where acts are written down before they happen, so that none is lost between the host's own commit and its entry (design §7).
///
/// A spool keeps sealed bytes and decides nothing: the recorder says what is an intent, what came of it and when it stands in the trail.
package protocol Spool: Sendable {
    /// Writes down an act that is about to happen, as the entry that is to be recorded should nothing more be heard of it. Durable on return.
    ///
    /// - Throws: ``SpoolError``; the act must not happen then.
    func intend(_ intent: SealedBatch) async throws -> SpoolTicket

    /// Keeps entries that the trail does not take at the moment; they replace the intent of `ticket` where there was one. Durable on return.
    ///
    /// - Throws: ``SpoolError``; an intent still stands then.
    func keep(_ outcome: SealedBatch, replacing ticket: SpoolTicket?) async throws

    /// The act's entries stand in the trail. Need not be durable: the trail knows an entry by its id, whatever a spool says after a crash.
    func settle(_ ticket: SpoolTicket)

    /// The kept entries, oldest first, at most `limit`.
    func kept(limit: Int) -> [(ticket: SpoolTicket, batch: SealedBatch)]

    /// Acts under way, and kept entries.
    var waiting: SpoolWaiting { get }
}

/// One record of a spool, by its sequence number.
package struct SpoolTicket: Sendable, Hashable, Comparable {
    package let sequence: UInt64

    package init(sequence: UInt64) {
        self.sequence = sequence
    }

    package static func < (left: SpoolTicket, right: SpoolTicket) -> Bool { left.sequence < right.sequence }
}

/// What a spool still holds.
public struct SpoolWaiting: Sendable, Equatable {
    /// Acts whose outcome is not known yet.
    public var intents: Int
    /// Entries that wait for the trail.
    public var kept: Int

    public init(intents: Int = 0, kept: Int = 0) {
        self.intents = intents
        self.kept = kept
    }
}

/// Why a spool could not do what was asked. No message names anybody.
public enum SpoolError: Error, Sendable, Equatable {
    /// It cannot be written: a full disk, a missing directory, rights.
    case storage(String)
    /// Something in it is not what was written there.
    case damaged(String)
}

extension SpoolError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .storage(let what): "the spool cannot be written: \(what)"
        case .damaged(let what): "the spool is damaged: \(what)"
        }
    }
}
