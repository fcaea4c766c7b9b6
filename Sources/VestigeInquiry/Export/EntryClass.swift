import VestigeCrypto
import VestigePolicy
import VestigeTrail

/// Which kind of act an entry is, in the words of the standards it is exported by.
enum EntryClass: Sendable, Equatable {
    case read, create, update, delete
    case export, share
    /// Roles, policy, retention.
    case manage(Change)
    case signIn, signOut
    case alert
    /// A step of a process, such as an approval.
    case step
    /// The body is gone: nobody can say.
    case unknown

    enum Change: Int, Sendable {
        case create = 1
        case update = 3
        case delete = 4
    }

    init(_ entry: OpenedEntry) {
        guard let header = entry.header else {
            self = .unknown
            return
        }
        guard let event = Event(rawValue: header.event) else {
            self = .step
            return
        }
        self = EntryClass.class(of: event)
    }

    private static func `class`(of event: Event) -> EntryClass {
        switch event {
        case .read: .read
        case .exported: .export
        case .shared: .share
        case .created, .imported: .create
        case .updated, .archived, .restored, .linked, .unlinked: .update
        case .deleted, .erased: .delete
        case .granted, .revoked, .roleChanged, .credentialChanged, .locked, .unlocked, .adopted, .rotated: .manage(.update)
        case .held: .manage(.create)
        case .pruned, .redacted, .released: .manage(.delete)
        case .signedIn, .signInFailed: .signIn
        case .signedOut: .signOut
        case .detected: .alert
        case .requested, .approved, .declined, .started, .completed, .failed, .verified, .recovered: .step
        }
    }
}

/// How bad an entry is, from 1 (nothing to do) to 5 (the record itself is in doubt).
enum EntrySeverity: Int, Sendable {
    case informational = 1
    case low = 2
    case refused = 3
    case critical = 5

    init(_ entry: OpenedEntry) {
        guard let header = entry.header else {
            self = .informational
            return
        }
        let isAlarm = header.channel == Code.complianceChannel && header.event == Event.detected.rawValue
        switch header.status {
        case _ where isAlarm: self = .critical
        case .success, .inProgress: self = .informational
        case .warning: self = .low
        case .failure: self = .refused
        }
    }
}

extension OpenedEntry {
    /// Our own status, and what became of a body that is gone.
    var statusText: String { header?.status.rawValue ?? (isRedacted ? "redacted" : "pruned") }

    /// The record's id as far as it may be told: its own, else its handle.
    var recordKey: String? { recordID ?? header?.record?.handle?.hex }

    /// One line for people: the description, else the action.
    var messageText: String { text ?? header?.action ?? statusText }

    /// A correlation id that is a W3C trace id: 32 lower-case hexadecimal digits.
    var traceID: String? {
        guard let id = header?.correlationID, id.utf8.count == 32, id.utf8.allSatisfy({ Hexadecimal.isLowerDigit($0) }) else { return nil }
        return id
    }
}

private enum Hexadecimal {
    static func isLowerDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }
}
