import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail

/// What to look for among the entries: the one parser of list and export. An unknown filter is an error.
public struct EntryFilter: Sendable, Equatable {
    public static let names = [
        "actor", "actor_type", "record", "subject", "channel", "event", "action", "status", "purpose", "from", "to", "text",
    ]

    public var actors: [Reference] = []
    /// `user`, `system`, `api`, `external`, `anonymous`.
    public var actorTypes: [String] = []
    public var records: [Reference] = []
    public var subjects: [Reference] = []
    public var channels: [String] = []
    public var events: [String] = []
    public var actions: [String] = []
    public var statuses: [String] = []
    public var purposes: [String] = []
    public var from: Timestamp?
    /// The first moment that no longer counts.
    public var to: Timestamp?
    /// Each of them is searched without regard to case in what stands in clear: action, record, fields, description.
    public var texts: [String] = []

    public init() {}

    /// Reads name and value pairs; a name given twice, or a value with commas, asks for any of them. Every text given must be found.
    public init(_ pairs: [(name: String, value: String)]) throws(InquiryError) {
        for (name, value) in pairs { try add(name, value) }
    }

    public mutating func add(_ name: String, _ value: String) throws(InquiryError) {
        switch name {
        case "actor": actors.append(try Reference(value))
        case "actor_type": actorTypes += EntryFilter.list(value)
        case "record": records.append(try Reference(value))
        case "subject": subjects.append(try Reference(value))
        case "channel": channels += EntryFilter.list(value)
        case "event": events += EntryFilter.list(value)
        case "action": actions += EntryFilter.list(value)
        case "status": statuses += EntryFilter.list(value)
        case "purpose": purposes += EntryFilter.list(value)
        case "from": from = try EntryFilter.time(value, filter: name, isEnd: false)
        case "to": to = try EntryFilter.time(value, filter: name, isEnd: true)
        case "text": texts.append(value)
        default: throw .unknownFilter(name: EntryFilter.printable(name), hint: suggestion(for: name, among: EntryFilter.names))
        }
    }

    /// A date means the whole day, UTC: `to 2026-05-31` ends with that day.
    public static func time(_ text: String, filter: String, isEnd: Bool) throws(InquiryError) -> Timestamp {
        if let day = Timestamp(text + "T00:00:00.000000Z") { return isEnd ? day.adding(days: 1) : day }
        guard text.hasSuffix("Z"), text.utf8.count >= 20 else { throw .badTime(filter: filter) }
        // `…:00Z` and any number of decimals up to six.
        let body = text.dropLast()
        let dot = body.firstIndex(of: ".") ?? body.endIndex
        let digits = body[dot...].dropFirst()
        guard digits.utf8.count <= 6 else { throw .badTime(filter: filter) }
        let padded = digits + String(repeating: "0", count: 6 - digits.utf8.count)
        guard let time = Timestamp("\(body[..<dot]).\(padded)Z") else { throw .badTime(filter: filter) }
        return time
    }

    private static func list(_ value: String) -> [String] {
        value.split(separator: ",").map { $0.trimmingPrefix(while: { $0 == " " }) }.map(String.init)
    }

    static func printable(_ name: String) -> String {
        Code.isWellFormed(name) ? name : "…"
    }

    /// Codes that the policy does not know, with what was probably meant.
    func problem(by policy: Policy) -> String? {
        for channel in channels where channel != Code.complianceChannel {
            if let problem = policy.refusal(of: channel, as: .channel) { return problem }
        }
        for purpose in purposes {
            if let problem = policy.refusal(of: purpose, as: .purpose) { return problem }
        }
        for event in events where Event(rawValue: event) == nil {
            if let problem = policy.refusal(of: event, as: .event) { return problem }
        }
        for type in actorTypes where AuditActor.Kind(rawValue: type) == nil {
            return "unknown actor type; known are: " + AuditActor.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        }
        guard actions.allSatisfy(Code.isWellFormed) else {
            return "an action is a code of at most 64 characters, for example users.viewed; `facets` tells which there are"
        }
        guard statuses.allSatisfy({ EntryStatus(rawValue: $0) != nil }) else {
            return "unknown status; known are: " + EntryStatus.allCases.map(\.rawValue).joined(separator: ", ")
        }
        return nil
    }

    /// As names and values that ``init(_:)`` reads back: for a manifest, and to tell one question from another.
    public var pairs: [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        let lists: [(String, [String])] = [
            ("actor", actors.map(\.words)), ("actor_type", actorTypes), ("record", records.map(\.words)),
            ("subject", subjects.map(\.words)), ("channel", channels), ("event", events), ("action", actions), ("status", statuses),
            ("purpose", purposes), ("from", from.map { [$0.description] } ?? []), ("to", to.map { [$0.description] } ?? []),
            ("text", texts),
        ]
        for (name, values) in lists { pairs += values.map { (name, $0) } }
        return pairs
    }
}

extension Reference {
    /// As it is asked for. It may name somebody: not for errors or logs.
    var words: String {
        switch self {
        case .pseudonym(let pseudonym): "@\(pseudonym.hex)"
        case .record(let type, let id): "\(type)/\(id)"
        }
    }
}
