public import VestigeCrypto

/// What can be asked for in an entry without opening it, derived from its header alone, so that it can be rebuilt
/// and verified.
public struct IndexRow: Sendable, Equatable {
    public var seq: UInt64
    public var occurredAt: Timestamp
    public var channel: String
    public var event: String
    public var action: String
    public var status: String
    public var actorType: String
    public var purpose: String?

    public init(
        seq: UInt64, occurredAt: Timestamp, channel: String, event: String, action: String, status: String, actorType: String,
        purpose: String?
    ) {
        self.seq = seq
        self.occurredAt = occurredAt
        self.channel = channel
        self.event = event
        self.action = action
        self.status = status
        self.actorType = actorType
        self.purpose = purpose
    }

    public init(seq: UInt64, header: Header) {
        self.init(
            seq: seq, occurredAt: header.occurredAt, channel: header.channel, event: header.event, action: header.action,
            status: header.status.rawValue, actorType: header.actor.type, purpose: header.purpose)
    }
}

/// One way into the trail: a person, an actor or a record, and the entries that name them.
///
/// 17 bytes: kind ‖ 16. Looks have a kind of their own, so "who viewed" reads and counts one run of the index.
public struct Term: Hashable, Comparable, Sendable {
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// A person among the subjects of a look (`read`, `exported`, `shared`).
        case lookedAt = 1
        /// A person among the subjects of any other act.
        case concerned = 2
        case actor = 3
        case record = 4
        /// A person, or a record, that somebody asked the trail about (actions `audit.*`).
        case subjectAsked = 5
        case recordAsked = 6
    }

    public let kind: Kind
    public let value: Bytes16

    public init(_ kind: Kind, _ value: Bytes16) {
        self.kind = kind
        self.value = value
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = [kind.rawValue]
        value.append(to: &bytes)
        return bytes
    }

    public init?(decoding bytes: [UInt8]) {
        guard bytes.count == 17, let kind = Kind(rawValue: bytes[0]), let value = Bytes16(bytes[1...]) else { return nil }
        self.init(kind, value)
    }

    public static func < (left: Term, right: Term) -> Bool {
        (left.kind.rawValue, left.value) < (right.kind.rawValue, right.value)
    }

    /// A record by its clear id or its handle: the first 16 bytes of a SHA-256 over both.
    public static func record(_ record: RecordHandle, asked: Bool = false) -> Term? {
        guard record.id != nil || record.handle != nil else { return nil }
        var name = Array(record.type.utf8) + [0]
        if let id = record.id { name += Array(id.utf8) } else { record.handle?.append(to: &name) }
        return Bytes16(sha256(name).bytes[..<16]).map { Term(asked ? .recordAsked : .record, $0) }
    }

    /// Events that disclose a record.
    public static let lookEvents: Set<String> = ["read", "exported", "shared"]

    /// Every way into an entry, ascending and without repeats.
    public static func all(of header: Header) -> [Term] {
        let isQuestion = header.action.hasPrefix("audit.")
        let isLook = lookEvents.contains(header.event)
        var terms: [Term] = []
        terms.reserveCapacity(header.subjects.count + 3)
        for subject in header.subjects { terms.append(Term(isQuestion ? .subjectAsked : isLook ? .lookedAt : .concerned, subject)) }
        if let actor = header.actor.pseudonym { terms.append(Term(.actor, actor)) }
        if let actor = header.behalf?.pseudonym { terms.append(Term(.actor, actor)) }
        if let record = header.record.flatMap({ Term.record($0, asked: isQuestion) }) { terms.append(record) }
        terms.sort()
        var distinct: [Term] = []
        distinct.reserveCapacity(terms.count)
        for term in terms where term != distinct.last { distinct.append(term) }
        return distinct
    }
}
