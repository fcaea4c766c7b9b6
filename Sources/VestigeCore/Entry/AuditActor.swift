/// Who did it.
///
/// Its members stand only in the actor's slot, sealed under the actor's own key; the header has type, pseudonym and role.
public struct AuditActor: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case user, system, api, external, anonymous
    }

    public var kind: Kind
    public var id: String?
    public var name: String?
    public var email: String?
    /// A role that the policy declares.
    public var role: String?
    public var ip: String?
    public var userAgent: String?
    public var session: String?

    public init(
        _ kind: Kind, id: String? = nil, name: String? = nil, email: String? = nil, role: String? = nil, ip: String? = nil,
        userAgent: String? = nil, session: String? = nil
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.ip = ip
        self.userAgent = userAgent
        self.session = session
    }

    /// A part of the host that acts by itself, such as a nightly job. Only an explicit one is shown as System.
    public static func system(_ name: String) -> AuditActor {
        AuditActor(.system, id: name)
    }

    /// Somebody who has not said who they are.
    public static let anonymous = AuditActor(.anonymous)
}

extension AuditActor: CustomStringConvertible, CustomReflectable {
    /// Names nobody.
    public var description: String { "actor(\(kind.rawValue))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
