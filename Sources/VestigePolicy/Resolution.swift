// Pure questions that the recorder, the middleware and the service ask of a policy.

extension Policy {
    /// The channel of an act on a record: the look channel for ``Event/isLook``, else the change channel.
    ///
    /// nil if the policy does not declare the type.
    public func channel(for event: Event, record type: String) -> String? {
        records[type].map { event.isLook ? $0.lookChannel : $0.changeChannel }
    }

    /// The name that an act on a record has where nobody gives one: `pii.<event>.<type>` in channel `pii-read`, else
    /// `<type>.<event>`.
    public func action(for event: Event, record type: String, channel: String) -> String {
        channel == Code.personalReadChannel ? "pii.\(event.rawValue).\(type)" : "\(type).\(event.rawValue)"
    }

    /// Whether this policy allows an action of this name with this event, channel and record type: it is declared with the
    /// same event and channel, or it is the default name. Built-in actions and channels are never allowed here.
    public func allows(action: String, event: Event, channel: String, record type: String?) -> Bool {
        guard !isBuiltIn(action: action), !isBuiltIn(channel: channel), !event.isBuiltIn, channels.contains(channel) else { return false }
        if let declared = actions[action] { return declared.event == event && declared.channel == channel }
        guard let type, records.contains(type) else { return false }
        return action == self.action(for: event, record: type, channel: channel)
    }

    /// Whether only Vestige may write entries with this action.
    public func isBuiltIn(action: String) -> Bool { Code.isBuiltIn(action: action) }

    /// Whether only Vestige may write into this channel.
    public func isBuiltIn(channel: String) -> Bool { Code.isBuiltIn(channel: channel) }

    /// The rule for a route of the host, by the template that its router gives (`/people/{id}` or `/people/:id`).
    ///
    /// HEAD is held to the rule of GET where it has none of its own. nil: the policy does not declare the route.
    public func route(method: some StringProtocol, template: some StringProtocol) -> RouteRule? {
        let verb = method.uppercased()
        let path = RouteTemplate.normalised(template)
        if let place = routeIndex["\(verb) \(path)"] { return routes[place] }
        return verb == "HEAD" ? routeIndex["GET \(path)"].map { routes[$0] } : nil
    }

    /// How long entries of a channel keep their bodies.
    public func window(for channel: String) -> Window { retention.channels[channel] ?? retention.standard }

    /// Whether an actor of this type is staff.
    public func isStaff(_ actorType: String) -> Bool { actors.staff.contains(actorType) }

    /// What a role of `access.roles` may do; nothing if it is not declared.
    public func rights(of role: String) -> Set<Right> { access.roles[role] ?? [] }

    /// The details that an entry may carry: those of its declared action, else those of its record's type.
    public func details(action: String, record type: String?) -> Declarations<DetailKind> {
        let own = actions[action]?.details ?? Declarations()
        let ofRecord = type.flatMap { records[$0]?.details } ?? Declarations()
        return own.isEmpty ? ofRecord : Declarations(ofRecord.pairs + own.pairs)
    }
}

/// What a code can stand for.
public enum CodeKind: String, Sendable, CaseIterable {
    case channel, purpose, recipient, role, record, action, event, right
    case accessRole = "access role"
}

extension Policy {
    /// The declared codes of a kind, in the order of the file. `compliance` and the built-in actions are not among them.
    public func codes(of kind: CodeKind) -> [String] {
        switch kind {
        case .channel: channels
        case .purpose: purposes.codes
        case .recipient: recipients.codes
        case .role: actors.roles
        case .record: records.codes
        case .action: actions.codes
        case .event: Event.allCases.filter { !$0.isBuiltIn }.map(\.rawValue)
        case .right: access.rights.map(\.rawValue)
        case .accessRole: access.roles.codes
        }
    }

    /// Why `code` is refused, with what was probably meant; nil if the policy declares it.
    ///
    /// A word that is no code is not repeated: it comes from outside and could name somebody.
    public func refusal(of code: String, as kind: CodeKind) -> String? {
        let known = codes(of: kind)
        if known.contains(code) { return nil }
        guard Code.isWellFormed(code) else {
            return "the \(kind.rawValue) is not a code ([A-Za-z0-9][A-Za-z0-9._:-]{0,63}); this policy declares: "
                + (known.isEmpty ? "none" : known.joined(separator: ", "))
        }
        return unknownMessage(kind.rawValue, code, known: known)
    }
}
