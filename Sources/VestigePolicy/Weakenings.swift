extension Policy {
    /// Rules of `old` that protect people or evidence and that this policy loosens, one readable line each.
    ///
    /// Empty where nothing is weaker. `policy adopt` names them and asks; it is the adopter who decides.
    public func weakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        for (type, was) in old.records.pairs {
            if let now = records[type] {
                lines += now.weakenings(from: was, type: type)
            } else {
                lines.append("records.\(type): no longer declared, so looks at it and changes of it can no longer be recorded")
            }
        }
        for (code, was) in old.actions.pairs {
            guard let now = actions[code] else { continue }
            if was.event.isLook, !now.event.isLook {
                lines.append("actions.\(code): \(was.event.rawValue) becomes \(now.event.rawValue), which no longer counts as a look")
            }
        }
        lines += routeWeakenings(from: old)
        lines += retentionWeakenings(from: old)
        lines += erasureWeakenings(from: old)
        lines += accessWeakenings(from: old)
        lines += sinkWeakenings(from: old)
        return lines
    }

    private func routeWeakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        for route in old.routes {
            guard let was = route.look else { continue }
            let name = "route \"\(route.method) \(route.template)\""
            guard let place = routeIndex["\(route.method) \(route.template)"] else {
                lines.append("\(name): no longer declared")
                continue
            }
            switch routes[place].handling {
            case .unlogged(let reason): lines.append("\(name): no longer logged (\(reason))")
            case .logged(let now):
                if was.event.isLook, !now.event.isLook {
                    lines.append("\(name): \(was.event.rawValue) becomes \(now.event.rawValue), which no longer counts as a look")
                }
                if was.record != now.record { lines.append("\(name): records \(now.record) and no longer \(was.record)") }
                if !was.isList, now.isList { lines.append("\(name): a list, so the record in its path is no longer named") }
                if was.subjectFromStore, !now.subjectFromStore { lines.append("\(name): the store need no longer name the person") }
                let missing = was.fields.filter { !now.fields.contains($0) }
                if !missing.isEmpty, !now.fields.isEmpty {
                    lines.append("\(name): no longer names the fields \(missing.joined(separator: ", "))")
                }
            }
        }
        return lines
    }

    /// Longer is weaker for the people (Art. 5(1)(e)); shorter is weaker as evidence, and cannot be undone.
    private func retentionWeakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        func compare(_ name: String, _ was: PolicyDuration, _ now: PolicyDuration) {
            if now > was { lines.append("\(name): kept for \(now) instead of \(was)") }
            if now < was { lines.append("\(name): kept for \(now) instead of \(was), so older entries go with the next nightly run") }
        }
        compare("retention.default", old.retention.standard.keep, retention.standard.keep)
        let named = old.retention.channels.codes + retention.channels.codes.filter { !old.retention.channels.contains($0) }
        for channel in named { compare("retention.channels.\(channel)", old.window(for: channel).keep, window(for: channel).keep) }
        if let was = old.retention.ceiling {
            if let now = retention.ceiling {
                if now > was { lines.append("retention.ceiling: \(now) instead of \(was)") }
            } else {
                lines.append("retention.ceiling: no longer set, was \(was)")
            }
        }
        switch (old.retention.archive, retention.archive) {
        case (nil, let now?): lines.append("retention.archive: what is pruned is kept in files for \(now.keep)")
        case (_?, nil): lines.append("retention.archive: no longer set, so nothing is kept of what is pruned")
        case (let was?, let now?) where now.keep > was.keep: lines.append("retention.archive: kept for \(now.keep) instead of \(was.keep)")
        case (let was?, let now?) where now.keep < was.keep:
            lines.append("retention.archive: kept for \(now.keep) instead of \(was.keep), so older files go with the next nightly run")
        default: break
        }
        if cases.keep > old.cases.keep { lines.append("cases.keep: kept for \(cases.keep) instead of \(old.cases.keep)") }
        return lines
    }

    private func erasureWeakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        if let now = erasure.actors {
            if let was = old.erasure.actors {
                if now.keep > was.keep {
                    lines.append("erasure.actors: acting keys of erased staff stay \(now.keep) instead of \(was.keep)")
                }
            } else {
                lines.append("erasure.actors: acting keys of erased staff stay \(now.keep); until now they were destroyed at once")
            }
            let added = actors.staff.filter { !old.actors.staff.contains($0) }
            if old.erasure.actors != nil, !added.isEmpty {
                lines.append("actors.staff: \(added.joined(separator: ", ")) are staff now, so their acting keys outlive an erasure")
            }
        }
        if erasure.fence < old.erasure.fence {
            lines.append("erasure.fence: erased ids are recognised for \(erasure.fence) instead of \(old.erasure.fence)")
        }
        if erasure.approvals < old.erasure.approvals {
            lines.append("erasure.approvals: \(erasure.approvals) instead of \(old.erasure.approvals)")
        }
        if backups.vault > old.backups.vault {
            lines.append("backups.vault: kept for \(backups.vault) instead of \(old.backups.vault), so erased keys last longer there")
        }
        if backups.keyring > old.backups.keyring {
            lines.append("backups.keyring: kept for \(backups.keyring) instead of \(old.backups.keyring), so old vault backups last longer")
        }
        return lines
    }

    private func sinkWeakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        for (code, now) in sinks.pairs {
            guard let was = old.sinks[code] else {
                lines.append(
                    "sinks.\(code): new, entries go to \(now.destination)" + (now.actor.map { " with the actor's \($0.text)" } ?? ""))
                continue
            }
            if was.destination != now.destination {
                lines.append("sinks.\(code): entries go to \(now.destination) instead of \(was.destination)")
            }
            let added = (now.actor?.fields ?? []).filter { was.actor?.fields.contains($0) != true }
            if !added.isEmpty { lines.append("sinks.\(code): the actor's \(added.map(\.rawValue).joined(separator: ", ")) leave opened") }
            if let before = was.channels, now.channels.map({ !Set($0).isSubset(of: before) }) ?? true {
                lines.append(
                    "sinks.\(code): entries of \(now.channels?.joined(separator: ", ") ?? "all channels") instead of \(before.joined(separator: ", "))"
                )
            }
        }
        return lines
    }

    private func accessWeakenings(from old: Policy) -> [String] {
        var lines: [String] = []
        if old.actors.show == .pseudonym, actors.show == .name { lines.append("actors.show: names instead of pseudonyms") }
        for (role, now) in access.roles.pairs {
            let added = now.subtracting(old.rights(of: role))
            guard !added.isEmpty else { continue }
            lines.append(
                old.access.roles.contains(role)
                    ? "access.roles.\(role): gains \(added.text)" : "access.roles.\(role): new, with \(added.text)")
        }
        for range in access.allowedAddresses where !old.access.allowedAddresses.contains(where: { $0.contains(range) }) {
            lines.append("access.allowed_addresses: \(range) may ask now")
        }
        lines += issuerWeakenings(from: old.access.oidc)
        for range in proxies where !old.proxies.contains(where: { $0.contains(range) }) {
            lines.append("proxies: \(range) is believed now about the address of a request")
        }
        return lines
    }
}

extension Policy {
    private func issuerWeakenings(from old: IssuerRule?) -> [String] {
        guard let now = access.oidc else { return [] }
        guard let old else { return ["access.oidc: tokens of \(now.issuer) are believed from now on"] }
        var lines: [String] = []
        if now.issuer != old.issuer { lines.append("access.oidc.issuer: tokens of \(now.issuer) are believed instead of \(old.issuer)'s") }
        if now.audience != old.audience { lines.append("access.oidc.audience: tokens for \(now.audience) are believed now") }
        if now.keys != old.keys, let keys = now.keys { lines.append("access.oidc.keys: \(keys) says now which tokens are genuine") }
        if now.claim != old.claim { lines.append("access.oidc.claim: \(now.claim) says now what somebody may") }
        if now.holder != old.holder { lines.append("access.oidc.holder: \(now.holder) says now who somebody is") }
        for rule in now.roles where !old.roles.contains(rule) {
            lines.append("access.oidc.roles: whoever has \"\(rule.value)\" is \(rule.role) now")
        }
        return lines
    }
}

extension RecordRule {
    fileprivate func weakenings(from old: RecordRule, type: String) -> [String] {
        let name = "records.\(type)"
        var lines: [String] = []
        if idIsClear, !old.idIsClear { lines.append("\(name).id: ids stand in clear in headers from now on") }
        if subject != old.subject { lines += subjectWeakening(from: old.subject, name) }
        for (field, rule) in fields.pairs {
            let wasSearchable = old.fields[field]?.isSearchable ?? false
            if rule.category == nil, old.isPersonal(field: field) {
                let why = old.fields.contains(field) ? "" : ", which it was as long as it was not declared"
                lines.append("\(name).fields.\(field): no longer personal\(why)")
            }
            if rule.isSearchable, !wasSearchable { lines.append("\(name).fields.\(field): searchable from now on") }
        }
        if old.reads.logsDetail, !reads.logsDetail {
            lines.append("\(name).reads.log: looks are no longer logged")
        } else if old.reads.logsLists, !reads.logsLists {
            lines.append("\(name).reads.log: list pages are no longer logged")
        }
        if old.reads.purposeIsRequired, !reads.purposeIsRequired { lines.append("\(name).reads.purpose: no longer required") }
        if old.reads.onFailure == .refuse, reads.onFailure == .spool {
            lines.append("\(name).reads.on_failure: spool instead of refuse, so data goes out before the trail has the look")
        }
        return lines
    }

    private func subjectWeakening(from old: SubjectRule, _ name: String) -> [String] {
        switch (old, subject) {
        case (.none, _): []
        case (_, .none): ["\(name).subject: about nobody from now on, was \(old.text)"]
        default: ["\(name).subject: \(subject.text) instead of \(old.text), so the same record counts for another person"]
        }
    }
}
