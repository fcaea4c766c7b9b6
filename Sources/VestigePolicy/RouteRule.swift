/// What the recording layer does for one route of the host.
public struct RouteRule: Sendable, Equatable {
    public enum Handling: Sendable, Equatable {
        case logged(Look)
        /// Nothing is recorded; the reason is for those who read and sign the policy.
        case unlogged(reason: String)
    }

    /// What is recorded when the route answers.
    public struct Look: Sendable, Equatable {
        public let record: String
        public let event: Event
        /// Declared names of the fields that the route discloses; empty: the handler says which.
        public let fields: [String]
        /// The handler or the store puts the persons into the request's slot; nothing put there is a refusal.
        public let subjectFromStore: Bool
        /// No parameter of the path is the record's id: the route shows or changes many records at once.
        public let isList: Bool
    }

    /// Upper case.
    public let method: String
    /// Normalised: `/people/{id}`.
    public let template: String
    public let handling: Handling

    public var look: Look? {
        if case .logged(let look) = handling { look } else { nil }
    }

    public var unloggedReason: String? {
        if case .unlogged(let reason) = handling { reason } else { nil }
    }

    /// Names of the parameters, in the order of the path.
    public var parameters: [String] { RouteTemplate.parameters(of: template) }

    /// The parameter that holds the record's id: `id` if there is one, else the last; none on a list.
    public var idParameter: String? {
        if look?.isList == true { return nil }
        let names = parameters
        return names.contains("id") ? "id" : names.last
    }
}

/// Path templates of host frameworks, brought into one form.
public enum RouteTemplate {
    /// `/people/:id/` and `people/{id}` both become `/people/{id}`. The root is `/`.
    public static func normalised(_ path: some StringProtocol) -> String {
        let segments = path.split(separator: "/", omittingEmptySubsequences: true).map { segment in
            segment.first == ":" ? "{\(segment.dropFirst())}" : String(segment)
        }
        return "/" + segments.joined(separator: "/")
    }

    /// Names in braces, in order.
    static func parameters(of template: String) -> [String] {
        template.split(separator: "/").compactMap { segment in
            guard let open = segment.firstIndex(of: "{"), let close = segment.lastIndex(of: "}"), open < close else { return nil }
            return String(segment[segment.index(after: open)..<close])
        }
    }

    /// The template with its parameters' names left out: two routes with the same shape would answer the same paths.
    static func shape(of template: String) -> String {
        template.split(separator: "/").map { segment in
            guard let open = segment.firstIndex(of: "{"), let close = segment.lastIndex(of: "}"), open < close else {
                return String(segment)
            }
            return "\(segment[..<open]){}\(segment[segment.index(after: close)...])"
        }.joined(separator: "/")
    }
}
