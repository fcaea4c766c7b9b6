extension PolicyParser {
    mutating func records(_ node: PolicyNode?, hasPurposes: Bool) -> Declarations<RecordRule> {
        guard let node else { return Declarations() }
        let declared = reader.declarations(node, "records")
        if declared.isEmpty, case .mapping(let pairs) = node.content, pairs.isEmpty {
            reader.report(node, "records is empty; a policy declares at least one type of record")
        }
        records = declared.isEmpty ? nil : declared.map(\.code)
        var rules: [(code: String, value: RecordRule)] = []
        var persons: [(type: String, node: PolicyNode)] = []
        for (type, key, value) in declared {
            checkName(type, key)
            guard let rule = record(type, value, &persons) else { continue }
            if rule.reads.purposeIsRequired, !hasPurposes {
                reader.report(value, "records.\(type) requires a purpose, but this policy declares none: every look would be refused")
            }
            rules.append((type, rule))
        }
        let result = Declarations(rules)
        let selves = result.pairs.filter { $0.value.subject == .itself }.map(\.code)
        for (type, node) in persons where result.contains(type) && !selves.contains(type) {
            reader.report(node, "\"\(type)\" is not a person: only a record with \"subject: self\" can be named by a field")
        }
        return result
    }

    private mutating func checkName(_ type: String, _ key: PolicyNode) {
        if type.utf8.count > Code.recordTypeByteCountMax {
            reader.report(
                key, "the record type \"\(type)\" is over \(Code.recordTypeByteCountMax) characters; its actions would be too long")
        }
        if Code.isBuiltIn(action: "\(type).x") {
            reader.report(
                key,
                "the record type \"\(type)\" would name actions that only Vestige writes (\(Self.builtInPrefixes)); "
                    + "call it otherwise, such as host-\(type)")
        }
    }

    private mutating func record(_ type: String, _ node: PolicyNode, _ persons: inout [(type: String, node: PolicyNode)]) -> RecordRule? {
        let name = "records.\(type)"
        guard let entries = reader.entries(node, PolicyKeys.record, name) else { return nil }
        let fields = fields(entries["fields"], "\(name).fields")
        let subject = subject(entries["subject"], "\(name).subject", fields, &persons)
        let id = reader.choice(entries["id"], "\(name).id", among: ["clear", "handle"])
        if id == "clear", subject == .itself, let node = entries["id"] {
            reader.report(node, "\(name).id cannot be clear: the record is a person, and the header would name them")
        }
        let channelEntries = entries["channels"].flatMap { reader.entries($0, PolicyKeys.recordChannels, "\(name).channels") } ?? [:]
        return RecordRule(
            idIsClear: id == "clear", subject: subject ?? .none,
            lookChannel: reader.reference(channelEntries["look"], "channel", among: channels) ?? "",
            changeChannel: reader.reference(channelEntries["change"], "channel", among: channels) ?? "",
            fields: fields, reads: reads(entries["reads"], "\(name).reads"),
            details: details(entries["details"], "\(name).details"))
    }

    private mutating func subject(
        _ node: PolicyNode?, _ name: String, _ fields: Declarations<FieldRule>, _ persons: inout [(type: String, node: PolicyNode)]
    ) -> SubjectRule? {
        guard let node else { return nil }
        if case .text = node.content {
            switch reader.choice(node, name, among: ["self", "none"]) {
            case "self": return .itself
            case "none": return SubjectRule.none
            default: return nil
            }
        }
        guard let entries = reader.entries(node, PolicyKeys.recordSubject, name),
            let type = reader.reference(entries["type"], "record", among: records),
            let from = reader.reference(entries["from"], "field", among: fields.codes)
        else { return nil }
        if let place = entries["type"] { persons.append((type, place)) }
        if let rule = fields[from], rule.category == nil, let place = entries["from"] {
            reader.report(place, "the field \"\(from)\" names a person, so it cannot say \"personal: no\"; write identity")
        }
        return .field(type: type, from: from)
    }

    private mutating func fields(_ node: PolicyNode?, _ name: String) -> Declarations<FieldRule> {
        guard let node else { return Declarations() }
        var fields: [(code: String, value: FieldRule)] = []
        for (code, _, value) in reader.declarations(node, name) {
            let place = "\(name).\(code)"
            let entries = reader.entries(value, PolicyKeys.field, place) ?? [:]
            let word = reader.choice(entries["personal"], "\(place).personal", among: PersonalCategory.allCases.map(\.rawValue) + ["no"])
            let isSearchable = reader.boolean(entries["searchable"], "\(place).searchable") ?? false
            if word == "no", isSearchable, let node = entries["searchable"] {
                reader.report(node, "\(place) is not personal; only a personal field needs the vault's blind index to be searchable")
            }
            let normalisation: Normalisation? = reader.choice(entries["normalise"], "\(place).normalise")
            if !isSearchable, let node = entries["normalise"] {
                reader.report(node, "\(place) is not searchable; normalise says how values are compared where searchable is true")
            }
            // What cannot be read is declared all the same, as personal, so that no reference to it is reported as well.
            let category = word == "no" ? nil : PersonalCategory(rawValue: word ?? "other")
            fields.append(
                (
                    code,
                    FieldRule(
                        category: category, isSearchable: isSearchable, normalisation: normalisation ?? .standard(for: category))
                ))
        }
        return Declarations(fields)
    }

    private mutating func reads(_ node: PolicyNode?, _ name: String) -> ReadRule {
        guard let node, let entries = reader.entries(node, PolicyKeys.reads, name) else { return ReadRule() }
        return ReadRule(
            log: reader.choice(entries["log"], "\(name).log") ?? .detail,
            purposeIsRequired: reader.choice(entries["purpose"], "\(name).purpose", among: ["required", "optional"]) == "required",
            onFailure: reader.choice(entries["on_failure"], "\(name).on_failure") ?? .refuse)
    }
}
