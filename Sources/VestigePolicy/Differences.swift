extension Policy {
    /// What `policy adopt` shows: one line for each thing that differs from `old`, in the order of PolicyReference.
    ///
    /// Compared is what the files mean: a default that is now written out is no difference. Lines read
    /// `changed records.user.reads.purpose: required -> optional`, `added purposes.billing.title: …`, `removed …`.
    public func differences(from old: Policy) -> [String] {
        let before = Dictionary(old.flattened(), uniquingKeysWith: { first, _ in first })
        let after = flattened()
        let kept = Set(after.map(\.path))
        var lines: [String] = []
        for (path, value) in after {
            switch before[path] {
            case nil: lines.append("added \(path): \(value)")
            case let was? where was != value: lines.append("changed \(path): \(was) -> \(value)")
            default: break
            }
        }
        for (path, value) in old.flattened() where !kept.contains(path) { lines.append("removed \(path): \(value)") }
        return lines
    }

    /// Every statement of the policy, defaults included, as a path and a text.
    private func flattened() -> [(path: String, value: String)] {
        var lines: [(path: String, value: String)] = [("time_zone", timeZone), ("channels", channels.joined(separator: ", "))]
        func add(_ path: String, _ value: String?) {
            if let value { lines.append((path, value)) }
        }
        for (code, purpose) in purposes.pairs {
            add("purposes.\(code).title", purpose.title)
            add("purposes.\(code).dpv", purpose.dpv)
            add("purposes.\(code).activity", purpose.activity)
        }
        for (code, recipient) in recipients.pairs {
            add("recipients.\(code).title", recipient.title)
            add("recipients.\(code).country", recipient.country)
        }
        add("actors.staff", actors.staff.joined(separator: ", "))
        add("actors.roles", actors.roles.joined(separator: ", "))
        add("actors.show", actors.show.rawValue)
        for (code, action) in actions.pairs {
            add("actions.\(code).channel", action.channel)
            add("actions.\(code).event", action.event.rawValue)
            for (key, kind) in action.details.pairs { add("actions.\(code).details.\(key)", kind.text) }
        }
        for (type, record) in records.pairs { record.flatten("records.\(type)", add) }
        for route in routes { add("routes \"\(route.method) \(route.template)\"", route.handling.text) }
        add("proxies", proxies.map(\.description).joined(separator: ", "))
        add("retention.default", retention.standard.text)
        for (code, window) in retention.channels.pairs { add("retention.channels.\(code)", window.text) }
        add("retention.ceiling", retention.ceiling?.description)
        add("retention.prune_at", retention.pruneAt.description)
        add("retention.archive", retention.archive?.text)
        add("erasure.actors", erasure.actors?.text)
        add("erasure.fence", erasure.fence.description)
        add("erasure.approvals", "\(erasure.approvals)")
        add("backups.vault", backups.vault.description)
        add("backups.keyring", backups.keyring.description)
        add("cases.keep", cases.text)
        add("access.rights", access.rights.map(\.rawValue).joined(separator: ", "))
        for (role, rights) in access.roles.pairs { add("access.roles.\(role)", rights.text) }
        add("access.allowed_addresses", access.allowedAddresses.map(\.description).joined(separator: ", "))
        if let oidc = access.oidc {
            add("access.oidc.issuer", oidc.issuer)
            add("access.oidc.audience", oidc.audience)
            add("access.oidc.keys", oidc.keys)
            add("access.oidc.claim", oidc.claim)
            add("access.oidc.holder", oidc.holder)
            for rule in oidc.roles { add("access.oidc.roles \"\(rule.value)\"", rule.role) }
        }
        for (code, sink) in sinks.pairs {
            add("sinks.\(code).to", sink.destination.description)
            add("sinks.\(code).format", sink.format.rawValue)
            add("sinks.\(code).enterprise", "\(sink.enterprise)")
            add("sinks.\(code).channels", sink.channels?.joined(separator: ", ") ?? "all")
            add("sinks.\(code).actor", sink.actor?.text)
        }
        return lines
    }
}

extension SinkActorRule {
    var text: String { "\(fields.map(\.rawValue).joined(separator: ", ")) (\(because))" }
}

extension RecordRule {
    fileprivate func flatten(_ path: String, _ add: (String, String?) -> Void) {
        add("\(path).id", idIsClear ? "clear" : "handle")
        add("\(path).subject", subject.text)
        add("\(path).channels.look", lookChannel)
        add("\(path).channels.change", changeChannel)
        for (name, field) in fields.pairs {
            let search = field.isSearchable ? ", searchable as \(field.normalisation.rawValue)" : ""
            add("\(path).fields.\(name)", (field.category?.rawValue ?? "not personal") + search)
        }
        add("\(path).reads.log", reads.log.rawValue)
        add("\(path).reads.purpose", reads.purposeIsRequired ? "required" : "optional")
        add("\(path).reads.on_failure", reads.onFailure.rawValue)
        for (key, kind) in details.pairs { add("\(path).details.\(key)", kind.text) }
    }
}

extension SubjectRule {
    var text: String {
        switch self {
        case .itself: "self"
        case .field(let type, let from): "\(type) from \(from)"
        case .none: "none"
        }
    }
}

extension DetailKind {
    fileprivate var text: String {
        switch self {
        case .number: "number"
        case .boolean: "boolean"
        case .time: "time"
        case .codes(let codes): "one of \(codes.joined(separator: ", "))"
        }
    }
}

extension RouteRule.Handling {
    fileprivate var text: String {
        switch self {
        case .unlogged(let reason): "unlogged, \(reason)"
        case .logged(let look):
            "\(look.event.rawValue) of \(look.record)"
                + (look.fields.isEmpty ? "" : ", fields \(look.fields.joined(separator: ", "))")
                + (look.subjectFromStore ? ", subject from the store" : "") + (look.isList ? ", a list" : "")
        }
    }
}

extension Window {
    var text: String { "\(keep)" + (because.map { ", \($0)" } ?? "") }
}

extension Set<Right> {
    /// In the fixed order of rights, so that equal sets read the same.
    var text: String {
        let names = Right.allCases.filter { contains($0) }.map(\.rawValue)
        return names.isEmpty ? "no rights" : names.joined(separator: ", ")
    }
}
