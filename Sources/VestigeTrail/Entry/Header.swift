public import VestigeCrypto

/// The clear part of an entry: names nobody, and every string in it is a code that a policy declares.
///
/// Written as compact JSON with the fixed key order of `HeaderWriter`; the exact bytes are what the leaf commits to.
public struct Header: Sendable, Equatable {
    public var id: EntryID
    /// When it happened. When it was made durable stands in the leaf.
    public var occurredAt: Timestamp
    public var channel: String
    public var event: String
    public var action: String
    public var status: EntryStatus
    public var actor: ActorReference
    /// Whom the actor acted for.
    public var behalf: ActorReference?
    public var record: RecordHandle?
    /// Pseudonyms of the people concerned, at most 1,000.
    public var subjects: [Bytes16]
    /// Declared names of the fields disclosed or changed.
    public var fields: [String]
    /// How many undeclared fields there were besides.
    public var other: Int
    public var purpose: String?
    /// The record of processing activities (GDPR Art. 30) this belongs to.
    public var activity: String?
    /// A UUID or a W3C trace id (32 hexadecimal digits).
    public var correlationID: String?
    public var recipient: String?
    public var part: Part?
    public var details: [String: HeaderDetail]
    /// Digest of the adopted policy.
    public var policy: Bytes32?
    public var description: HeaderDescription?

    public init(
        id: EntryID, occurredAt: Timestamp, channel: String, event: String, action: String, status: EntryStatus = .success,
        actor: ActorReference, behalf: ActorReference? = nil, record: RecordHandle? = nil, subjects: [Bytes16] = [],
        fields: [String] = [], other: Int = 0, purpose: String? = nil, activity: String? = nil, correlationID: String? = nil,
        recipient: String? = nil, part: Part? = nil, details: [String: HeaderDetail] = [:], policy: Bytes32? = nil,
        description: HeaderDescription? = nil
    ) {
        self.id = id
        self.occurredAt = occurredAt
        self.channel = channel
        self.event = event
        self.action = action
        self.status = status
        self.actor = actor
        self.behalf = behalf
        self.record = record
        self.subjects = subjects
        self.fields = fields
        self.other = other
        self.purpose = purpose
        self.activity = activity
        self.correlationID = correlationID
        self.recipient = recipient
        self.part = part
        self.details = details
        self.policy = policy
        self.description = description
    }

    /// People in one entry; a longer list is split into parts under one correlation id.
    public static let subjectCountMax = 1000
}

public enum EntryStatus: String, Sendable, CaseIterable, Hashable {
    case success, failure, warning
    case inProgress = "in_progress"
}

/// Who did it, as the header says it: a pseudonym, nobody, or the subject themselves.
public struct ActorReference: Sendable, Equatable {
    public enum Identity: Sendable, Equatable {
        /// An actor with a pseudonym of their own.
        case pseudonym(Bytes16)
        /// The subject looked at their own record; the acting pseudonym stays away from it.
        case oneself
        /// Nobody to name: a part of the system.
        case none
    }

    /// `user`, `system`, `api`, `external` or `anonymous`.
    public var type: String
    public var identity: Identity
    /// The role at the time, a declared code.
    public var role: String?

    public init(type: String, identity: Identity, role: String? = nil) {
        self.type = type
        self.identity = identity
        self.role = role
    }

    public var pseudonym: Bytes16? {
        if case .pseudonym(let value) = identity { value } else { nil }
    }
}

/// The thing looked at or changed: its type, and its id where that is clear, else a random handle.
public struct RecordHandle: Sendable, Equatable {
    public var type: String
    public var id: String?
    public var handle: Bytes16?

    public init(type: String, id: String? = nil, handle: Bytes16? = nil) {
        self.type = type
        self.id = id
        self.handle = handle
    }
}

public struct Part: Sendable, Hashable {
    public var n: Int
    public var of: Int

    public init(n: Int, of: Int) {
        self.n = n
        self.of = of
    }
}

public enum HeaderDetail: Sendable, Equatable {
    case integer(Int64)
    case boolean(Bool)
    case time(Timestamp)
    case code(String)
}

/// Literal segments with numbered gaps, and the clear values of some of them.
public struct HeaderDescription: Sendable, Equatable {
    /// `Reassigned {0} to {1}`
    public var template: String
    /// Clear values by the number of their gap, ascending.
    public var clear: [Int: String]

    public init(template: String, clear: [Int: String] = [:]) {
        self.template = template
        self.clear = clear
    }
}
