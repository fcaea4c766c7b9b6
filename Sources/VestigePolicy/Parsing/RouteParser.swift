extension PolicyParser {
    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    mutating func routes(_ node: PolicyNode?, _ rules: Declarations<RecordRule>) -> [RouteRule] {
        guard let node else { return [] }
        var routes: [RouteRule] = []
        var shapes: [String: Int] = [:]
        for item in reader.list(node, "routes") {
            guard let entries = reader.entries(item, PolicyKeys.route, "a route"), let match = entries["match"],
                let (method, template) = target(match)
            else { continue }
            if let line = shapes.updateValue(match.line, forKey: "\(method) \(RouteTemplate.shape(of: template))") {
                reader.report(match, "\"\(method) \(template)\" answers the same paths as the route in line \(line); keep one")
            }
            guard let handling = handling(entries, item, rules) else { continue }
            let rule = RouteRule(method: method, template: template, handling: handling)
            if let look = rule.look, let record = rules[look.record] { check(rule, look, look.record, record, entries, item) }
            routes.append(rule)
        }
        return routes
    }

    /// `GET /people/{id}`, taken apart and normalised.
    private mutating func target(_ node: PolicyNode) -> (method: String, template: String)? {
        guard let text = reader.text(node, "match") else { return nil }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[1].hasPrefix("/") else {
            reader.report(node, "match is a method and a path such as \"GET /people/{id}\", not \"\(text.prefix(80))\"")
            return nil
        }
        guard Self.methods.contains(parts[0]) else {
            reader.report(node, unknownMessage("method", parts[0], known: Self.methods, declares: "match begins with one of"))
            return nil
        }
        let template = RouteTemplate.normalised(parts[1])
        let names = RouteTemplate.parameters(of: template)
        guard !parts[1].contains(where: { "?#\\\"".contains($0) || $0.isWhitespace }), names.allSatisfy(Code.isWellFormed),
            template.count(where: { $0 == "{" }) == names.count, template.count(where: { $0 == "}" }) == names.count,
            Set(names).count == names.count
        else {
            reader.report(
                node, "\"\(parts[1].prefix(80))\" is not a path template: /literal, /{name}, /* and /**, each name once, no query")
            return nil
        }
        return (parts[0], template)
    }

    private mutating func handling(
        _ entries: [String: PolicyNode], _ item: PolicyNode, _ rules: Declarations<RecordRule>
    ) -> RouteRule.Handling? {
        if let unlogged = entries["unlogged"] {
            for key in ["record", "event", "fields", "subject", "list"] {
                guard let node = entries[key] else { continue }
                reader.report(node, "a route is either unlogged or has \"\(key)\"; keep one")
            }
            return reader.text(unlogged, "unlogged (the reason)").map { .unlogged(reason: $0) }
        }
        guard entries["record"] != nil, entries["event"] != nil else {
            reader.report(item, "a route has \"record\" and \"event\", or \"unlogged\" with a reason")
            return nil
        }
        let type = reader.reference(entries["record"], "record", among: records)
        let event = event(entries["event"], "event")
        let fromStore = reader.choice(entries["subject"], "subject", among: ["from_store"]) != nil
        let isList = reader.boolean(entries["list"], "list") ?? false
        let named = reader.codes(entries["fields"], "fields")
        guard let type, let event else { return nil }
        if let known = rules[type]?.fields.codes {
            for (field, node) in named where !known.contains(field) {
                reader.report(node, unknownMessage("field", field, known: known, declares: "record \(type) declares"))
            }
        }
        return .logged(RouteRule.Look(record: type, event: event, fields: named.map(\.code), subjectFromStore: fromStore, isList: isList))
    }

    /// What a logged route needs so that the recording layer can know which record and whom it is about.
    private mutating func check(
        _ rule: RouteRule, _ look: RouteRule.Look, _ type: String, _ record: RecordRule, _ entries: [String: PolicyNode], _ item: PolicyNode
    ) {
        let event = entries["event"] ?? item
        if look.event.isLook, record.reads.log == .none {
            reader.report(event, "records.\(type).reads.log is none, so this look would not be recorded; say \"unlogged\" with a reason")
        }
        guard !look.subjectFromStore else {
            if record.subject == .none, let node = entries["subject"] {
                reader.report(node, "record \(type) is about nobody (subject: none), so no store can say whom; leave it out")
            }
            return
        }
        if case .field(_, let from) = record.subject, rule.idParameter != nil {
            reader.report(
                item, "record \(type) takes its subject from \"\(from)\", which the path cannot know; add \"subject: from_store\"")
        }
        if rule.idParameter == nil, look.event.isLook, record.reads.log == .detail {
            reader.report(
                event,
                "the path names no record, so this is a list page, and records.\(type).reads.log is detail; "
                    + "set it to list, say \"unlogged\" with a reason, or add \"subject: from_store\"")
        }
    }
}
