extension PolicyParser {
    /// - Parameter showsActors: whether this policy shows who acted at all.
    mutating func sinks(_ node: PolicyNode?, showsActors: Bool) -> Declarations<SinkRule> {
        var sinks: [(code: String, value: SinkRule)] = []
        for (code, _, value) in reader.declarations(node, "sinks") {
            let name = "sinks.\(code)"
            let entries = reader.entries(value, PolicyKeys.sink, name) ?? [:]
            let destination = destination(entries["to"], "\(name).to")
            let format = reader.choice(entries["format"], "\(name).format") ?? SinkFormat.syslog
            if let node = entries["format"], let destination, format != .syslog {
                if case .file = destination {
                } else {
                    reader.report(node, "\(name).format: over a network entries go as syslog; write files for \(format.rawValue)")
                }
            }
            let enterprise = reader.integer(entries["enterprise"], "\(name).enterprise", in: 1...Int(UInt32.max))
            let channels = sinkChannels(entries["channels"], "\(name).channels")
            let actor = sinkActor(entries["actor"], "\(name).actor", showsActors: showsActors)
            guard let destination else { continue }
            sinks.append(
                (
                    code,
                    SinkRule(
                        destination: destination, format: format,
                        enterprise: enterprise.map { UInt32($0) } ?? SinkRule.documentationEnterprise, channels: channels, actor: actor)
                ))
        }
        return Declarations(sinks)
    }

    private mutating func destination(_ node: PolicyNode?, _ name: String) -> SinkDestination? {
        guard let node, let text = reader.text(node, name) else { return nil }
        if let destination = SinkDestination(text) { return destination }
        reader.report(
            node,
            "\(name) is tcp://HOST:PORT, tls://HOST:PORT or file:///DIRECTORY, such as tls://siem.example.org:6514, not \"\(text.prefix(80))\""
        )
        return nil
    }

    private mutating func sinkChannels(_ node: PolicyNode?, _ name: String) -> [String]? {
        guard let node else { return nil }
        let known = channels.map { $0 + [Code.complianceChannel] }
        let codes = reader.list(node, name).compactMap { reader.reference($0, "channel", among: known) }
        if codes.isEmpty, reader.problems.isEmpty { reader.report(node, "\(name) names no channel; leave it out for all of them") }
        return codes
    }

    private mutating func sinkActor(_ node: PolicyNode?, _ name: String, showsActors: Bool) -> SinkActorRule? {
        guard let node, let entries = reader.entries(node, PolicyKeys.sinkActor, name) else { return nil }
        if !showsActors {
            reader.report(
                node, "\(name): this policy shows actors as pseudonyms (actors.show), so nothing of them leaves opened; leave it out")
        }
        var fields: [SinkActorRule.Field] = []
        if let list = entries["fields"] {
            fields = reader.list(list, "\(name).fields").compactMap { reader.choice($0, "an item of \(name).fields") }
            if fields.isEmpty, reader.problems.isEmpty { reader.report(list, "\(name).fields names nothing; leave \(name) out") }
        }
        guard let because = reader.text(entries["because"], "\(name).because") else { return nil }
        return SinkActorRule(fields: fields, because: because)
    }
}
