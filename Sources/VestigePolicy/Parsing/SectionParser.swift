extension PolicyParser {
    /// Reasons that come with a named period (`keep: cnil`).
    static let presets: [(name: String, days: String, because: String)] = [
        ("cnil", "365d", "CNIL 2021-122: 6 to 12 months"),
        ("it-banking", "24mo", "Garante, provision of 12 May 2011: 24 months for enquiries in banks"),
        ("ehds", "36mo", "Regulation (EU) 2025/327: three years of access logs"),
        ("hipaa-disclosures", "72mo", "45 CFR 164.528: six years of disclosures"),
    ]

    mutating func proxies(_ node: PolicyNode?) -> [AddressRange] {
        let ranges = reader.ranges(node, "proxies")
        if let node, ranges.contains(where: \.isEverything) {
            reader.report(node, "proxies spans every address, so anybody could write the address that is recorded; name the proxies")
        }
        return ranges
    }

    /// A mapping of a period and its reason.
    private mutating func window(_ node: PolicyNode, _ section: KeySection, _ name: String, floor: PolicyDuration? = nil) -> Window? {
        guard let entries = reader.entries(node, section, name), let place = entries[section.required[0]] else { return nil }
        let key = section.required[0]
        var because = reader.text(entries["because"], "\(name).because")
        let keep: PolicyDuration
        if case .text(let word, _) = place.content, let preset = Self.presets.first(where: { $0.name == word }),
            let days = PolicyDuration(preset.days)
        {
            keep = days
            because = because ?? preset.because
        } else {
            guard let given = reader.duration(place, "\(name).\(key)") else { return nil }
            keep = given
        }
        if let floor, keep < floor {
            reader.report(place, "\(name).\(key) is under \(floor): nothing younger can be pruned")
        }
        if floor != nil, keep.days < 180 {
            reader.warn(place, "\(name).\(key) is under 180 days; the CNIL's recommendation 2021-122 says 6 to 12 months")
        } else if keep.days > 365, because == nil {
            reader.warn(place, "\(name).\(key) is over 365 days without a reason; add \"because\"")
        }
        return Window(keep: keep, because: because)
    }

    mutating func retention(_ node: PolicyNode?) -> RetentionRules {
        let entries = node.flatMap { reader.entries($0, PolicyKeys.retention, "retention") } ?? [:]
        let floor = RetentionRules.floor
        let ceiling = reader.duration(entries["ceiling"], "retention.ceiling")
        let standard =
            entries["default"].flatMap { window($0, PolicyKeys.retentionDefault, "retention.default", floor: floor) }
            ?? Window(keep: PolicyDuration(days: 365))
        checkCeiling(standard, ceiling, entries["default"] ?? entries["ceiling"], "retention.default")
        var windows: [(code: String, value: Window)] = []
        for (channel, key, value) in reader.declarations(entries["channels"], "retention.channels") {
            let name = "retention.channels.\(channel)"
            if !Code.isBuiltIn(channel: channel) { _ = reader.reference(key, "channel", among: channels) }
            guard let window = window(value, PolicyKeys.retentionChannel, name, floor: floor) else { continue }
            checkCeiling(window, ceiling, value, name)
            windows.append((channel, window))
        }
        let archive = entries["archive"].flatMap { window($0, PolicyKeys.retentionArchive, "retention.archive") }
        checkArchive(archive, after: windows.map(\.value.keep).reduce(standard.keep) { max($0, $1) }, ceiling, entries["archive"])
        return RetentionRules(
            standard: standard, channels: Declarations(windows), ceiling: ceiling,
            pruneAt: reader.time(entries["prune_at"], "retention.prune_at") ?? TimeOfDay(hour: 3, minute: 0), archive: archive)
    }

    /// An archive keeps what a window has let go: both together are what the ceiling is about.
    private mutating func checkArchive(_ archive: Window?, after longest: PolicyDuration, _ ceiling: PolicyDuration?, _ node: PolicyNode?) {
        guard let archive, let ceiling, let node, longest.days + archive.keep.days > ceiling.days else { return }
        reader.report(
            node, "retention.archive keeps entries for \(archive.keep) more after \(longest), over retention.ceiling (\(ceiling))")
    }

    private mutating func checkCeiling(_ window: Window, _ ceiling: PolicyDuration?, _ node: PolicyNode?, _ name: String) {
        guard let ceiling, let node, window.keep > ceiling else { return }
        reader.report(node, "\(name) keeps entries for \(window.keep), over retention.ceiling (\(ceiling))")
    }

    mutating func erasure(_ node: PolicyNode?) -> ErasureRules {
        let entries = node.flatMap { reader.entries($0, PolicyKeys.erasure, "erasure") } ?? [:]
        return ErasureRules(
            actors: entries["actors"].flatMap { window($0, PolicyKeys.erasureActors, "erasure.actors") },
            fence: reader.duration(entries["fence"], "erasure.fence") ?? PolicyDuration(days: 90),
            approvals: reader.integer(entries["approvals"], "erasure.approvals", in: 1...10) ?? 1)
    }

    mutating func backups(_ node: PolicyNode?) -> BackupRules {
        let entries = node.flatMap { reader.entries($0, PolicyKeys.backups, "backups") } ?? [:]
        return BackupRules(
            vault: reader.duration(entries["vault"], "backups.vault") ?? PolicyDuration(days: 35),
            keyring: reader.duration(entries["keyring"], "backups.keyring") ?? PolicyDuration(days: 35))
    }

    mutating func cases(_ node: PolicyNode?) -> Window {
        node.flatMap { window($0, PolicyKeys.cases, "cases") } ?? Window(keep: PolicyDuration(days: 1096))
    }

    mutating func access(_ node: PolicyNode?) -> AccessRules {
        let entries = node.flatMap { reader.entries($0, PolicyKeys.access, "access") } ?? [:]
        var rights = Right.allCases
        if let node = entries["rights"] {
            rights = []
            for (code, item) in reader.codes(node, "access.rights") {
                guard let right = Right(rawValue: code) else {
                    reader.report(
                        item, unknownMessage("right", code, known: Right.allCases.map(\.rawValue), declares: "the rights that exist are"))
                    continue
                }
                rights.append(right)
            }
        }
        var roles: [(code: String, value: Set<Right>)] = []
        for (role, _, value) in reader.declarations(entries["roles"], "access.roles") {
            var held: Set<Right> = []
            for (code, item) in reader.codes(value, "access.roles.\(role)") {
                if let right = Right(rawValue: code), rights.contains(right) {
                    held.insert(right)
                } else {
                    reader.report(item, unknownMessage("right", code, known: rights.map(\.rawValue)))
                }
            }
            if role == "self", !held.isEmpty {
                reader.report(value, "access.roles.self has no rights: a person sees their own looks and acts, nothing else; write []")
            }
            roles.append((role, held))
        }
        let loopback = ["127.0.0.0/8", "::1/128"].compactMap { AddressRange($0) }
        return AccessRules(
            rights: rights, roles: Declarations(roles),
            allowedAddresses: entries["allowed_addresses"].map { reader.ranges($0, "access.allowed_addresses") } ?? loopback,
            oidc: entries["oidc"].flatMap { issuer($0, roles: roles.map(\.code)) })
    }

    private mutating func issuer(_ node: PolicyNode, roles: [String]) -> IssuerRule? {
        guard let entries = reader.entries(node, PolicyKeys.issuer, "access.oidc") else { return nil }
        let issuer = url(entries["issuer"], "access.oidc.issuer")
        let keys = url(entries["keys"], "access.oidc.keys")
        var rules: [IssuerRule.RoleRule] = []
        for item in entries["roles"].map({ reader.list($0, "access.oidc.roles") }) ?? [] {
            guard let members = reader.entries(item, PolicyKeys.issuerRole, "access.oidc.roles") else { continue }
            // `self` needs a person's record, which no claim names.
            let role = reader.reference(members["role"], "access role", among: roles.filter { $0 != "self" })
            guard let value = reader.text(members["value"], "access.oidc.roles.value"), let role else { continue }
            rules.append(IssuerRule.RoleRule(value: value, role: role))
        }
        guard let issuer, let audience = reader.text(entries["audience"], "access.oidc.audience"),
            let claim = reader.text(entries["claim"], "access.oidc.claim")
        else { return nil }
        return IssuerRule(
            issuer: issuer, audience: audience, keys: keys, claim: claim,
            holder: entries["holder"].flatMap { reader.text($0, "access.oidc.holder") } ?? "sub", roles: rules)
    }

    private mutating func url(_ node: PolicyNode?, _ name: String) -> String? {
        guard let node, let text = reader.text(node, name) else { return nil }
        guard text.hasPrefix("https://"), text.utf8.count > 8, !text.contains(where: \.isWhitespace) else {
            reader.report(node, "\(name) is a URL that begins with https://, not \"\(text.prefix(64))\"")
            return nil
        }
        return text
    }
}
