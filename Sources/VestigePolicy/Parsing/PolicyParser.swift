internal import Foundation
internal import VestigeCrypto

extension Policy {
    /// Reads a policy.
    ///
    /// - Parameters:
    ///   - bytes: The file's exact bytes: UTF-8, at most ``byteCountMax``.
    ///   - file: What messages call the file.
    /// - Throws: ``PolicyError`` with every problem found, each with its line and column.
    public static func parse(_ bytes: [UInt8], file: String) throws(PolicyError) -> Policy {
        guard bytes.count <= byteCountMax else {
            throw PolicyError([
                PolicyProblem(
                    file: file, line: 1, column: 1,
                    message: "the file has \(bytes.count) bytes, a policy has at most \(byteCountMax): it must fit into one entry")
            ])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            throw PolicyError([
                PolicyProblem(
                    file: file, line: valid.count { $0.isNewline } + 1, column: 1,
                    message: "this line is not UTF-8; save the file in that encoding")
            ])
        }
        let root: PolicyNode
        do {
            root = try PolicyNode.read(text, file: file)
        } catch {
            throw PolicyError([error])
        }
        var parser = PolicyParser(reader: PolicyReader(file: file))
        let policy = parser.policy(root, text: text, digest: sha256(bytes))
        guard parser.reader.problems.isEmpty, let policy else { throw PolicyError(parser.reader.problems) }
        return policy
    }
}

/// Builds a policy from the file's tree, section by section: what others refer to comes first.
struct PolicyParser {
    var reader: PolicyReader
    /// nil until read, and where the section could not be read.
    var channels: [String]?
    var records: [String]?

    init(reader: PolicyReader) { self.reader = reader }

    mutating func policy(_ root: PolicyNode, text: String, digest: Bytes32) -> Policy? {
        guard let top = reader.entries(root, PolicyKeys.file, "a policy") else { return nil }
        version(top["vestige"])
        let timeZone = timeZone(top["time_zone"])
        channels = channels(top["channels"])
        let purposes = purposes(top["purposes"])
        let recipients = recipients(top["recipients"])
        let rules = records(top["records"], hasPurposes: !purposes.isEmpty)
        let actors = actors(top["actors"], rules)
        let actions = actions(top["actions"])
        let routes = routes(top["routes"], rules)
        let proxies = proxies(top["proxies"])
        let retention = retention(top["retention"])
        let erasure = erasure(top["erasure"])
        let backups = backups(top["backups"])
        let cases = cases(top["cases"])
        let access = access(top["access"])
        let sinks = sinks(top["sinks"], showsActors: actors.show == .name)
        return Policy(
            text: text, digest: digest, timeZone: timeZone, channels: channels ?? [], purposes: purposes, recipients: recipients,
            actors: actors, actions: actions, records: rules, routes: routes, proxies: proxies, retention: retention, erasure: erasure,
            backups: backups, cases: cases, access: access, sinks: sinks, warnings: reader.warnings,
            routeIndex: Dictionary(
                routes.enumerated().map { ("\($1.method) \($1.template)", $0) }, uniquingKeysWith: { first, _ in first }))
    }

    private mutating func version(_ node: PolicyNode?) {
        guard let node else { return }
        if case .text("1", _) = node.content { return }
        reader.report(node, "this Vestige reads policies of version 1, not \(node.kind); write \"vestige: 1\"")
    }

    private mutating func timeZone(_ node: PolicyNode?) -> String {
        guard let node, let name = reader.text(node, "time_zone") else { return "UTC" }
        if name != "UTC", TimeZone(identifier: name) == nil {
            let hint = suggestion(for: name, among: TimeZone.knownTimeZoneIdentifiers).map { " (did you mean \"\($0)\"?)" } ?? ""
            reader.report(node, "unknown time zone \"\(name.prefix(64))\"; write a name such as Europe/Berlin or UTC\(hint)")
        }
        return name
    }

    private mutating func channels(_ node: PolicyNode?) -> [String]? {
        guard let node else { return nil }
        let codes = reader.codes(node, "channels")
        for (code, item) in codes where Code.isBuiltIn(channel: code) {
            reader.report(item, "the channel \"\(code)\" is built in and written by Vestige only; leave it out")
        }
        return codes.isEmpty ? nil : codes.map(\.code)
    }

    private mutating func purposes(_ node: PolicyNode?) -> Declarations<PurposeRule> {
        Declarations(
            reader.declarations(node, "purposes").map { code, _, value in
                let name = "purposes.\(code)"
                let entries = reader.entries(value, PolicyKeys.purpose, name) ?? [:]
                return (
                    code,
                    PurposeRule(
                        title: reader.text(entries["title"], "\(name).title") ?? "", dpv: reader.code(entries["dpv"], "\(name).dpv"),
                        activity: reader.code(entries["activity"], "\(name).activity"))
                )
            })
    }

    private mutating func recipients(_ node: PolicyNode?) -> Declarations<RecipientRule> {
        Declarations(
            reader.declarations(node, "recipients").map { code, _, value in
                let name = "recipients.\(code)"
                let entries = reader.entries(value, PolicyKeys.recipient, name) ?? [:]
                let country = reader.code(entries["country"], "\(name).country")
                if let country, let node = entries["country"],
                    country.utf8.count != 2 || !country.utf8.allSatisfy({ (65...90).contains($0) })
                {
                    reader.report(node, "\(name).country is two capital letters of ISO 3166-1 such as DE, not \"\(country)\"")
                }
                return (code, RecipientRule(title: reader.text(entries["title"], "\(name).title") ?? "", country: country))
            })
    }

    private mutating func actors(_ node: PolicyNode?, _ rules: Declarations<RecordRule>) -> ActorRules {
        let entries = node.flatMap { reader.entries($0, PolicyKeys.actors, "actors") } ?? [:]
        // A person acts either under an actor's type or under the type of the record that is about them.
        let persons =
            rules.pairs.filter { $0.value.subject == .itself }.map(\.code) + ["api", "external"]
            + (rules["user"]?.subject == .itself ? [] : ["user"])
        let staff = reader.codes(entries["staff"], "actors.staff")
        for (code, item) in staff where records != nil && !persons.contains(code) {
            reader.report(item, unknownMessage("type of person", code, known: persons, declares: "those who act here are"))
        }
        return ActorRules(
            staff: staff.map(\.code), roles: reader.codes(entries["roles"], "actors.roles").map(\.code),
            show: reader.choice(entries["show"], "actors.show") ?? .name)
    }

    private mutating func actions(_ node: PolicyNode?) -> Declarations<ActionRule> {
        var actions: [(code: String, value: ActionRule)] = []
        for (code, key, value) in reader.declarations(node, "actions") {
            let name = "actions.\(code)"
            if Code.isBuiltIn(action: code) {
                reader.report(
                    key, "the action \"\(code)\" is built in and written by Vestige only, as all that begin with \(Self.builtInPrefixes)")
            }
            let entries = reader.entries(value, PolicyKeys.action, name) ?? [:]
            let channel = reader.reference(entries["channel"], "channel", among: channels)
            let event = event(entries["event"], "\(name).event")
            let details = details(entries["details"], "\(name).details")
            if let channel, let event { actions.append((code, ActionRule(channel: channel, event: event, details: details))) }
        }
        return Declarations(actions)
    }

    static let builtInPrefixes = Code.builtInActionPrefixes.map { "\($0)." }.joined(separator: " ")

    /// An event that hosts may write.
    mutating func event(_ node: PolicyNode?, _ name: String) -> Event? {
        if let node, case .text(let text, _) = node.content, Event(rawValue: text)?.isBuiltIn == true {
            reader.report(node, "the event \"\(text)\" is written by Vestige only; use another, such as deleted or completed")
            return nil
        }
        guard let word = reader.choice(node, name, among: Event.allCases.filter { !$0.isBuiltIn }.map(\.rawValue)) else { return nil }
        return Event(rawValue: word)
    }

    mutating func details(_ node: PolicyNode?, _ name: String) -> Declarations<DetailKind> {
        Declarations(
            reader.declarations(node, name).compactMap { code, _, value in
                let place = "\(name).\(code)"
                if case .list = value.content {
                    let codes = reader.codes(value, place).map(\.code)
                    if codes.isEmpty { reader.report(value, "\(place) lists no codes; an enum needs at least one") }
                    return (code, DetailKind.codes(codes))
                }
                switch reader.choice(value, place, among: ["number", "boolean", "time"]) {
                case "number": return (code, DetailKind.number)
                case "boolean": return (code, DetailKind.boolean)
                case "time": return (code, DetailKind.time)
                default: return nil
                }
            })
    }
}
