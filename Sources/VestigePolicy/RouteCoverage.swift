/// A host's routes held against those of the policy: what is neither recorded nor `unlogged` would be refused when it is asked for, and is
/// better found before.
public struct RouteCoverage: Sendable, Equatable {
    /// The host's routes that the policy does not name, such as `GET /people/{id}/print`.
    public let uncovered: [String]
    /// Routes of the policy that the host does not have: a typing error, or a route that is gone.
    public let unused: [String]

    /// - Parameter routes: method and path of each, in the host's own spelling (`/people/:id` or `/people/{id}`).
    public init(of routes: some Sequence<(method: String, path: String)>, by policy: Policy) {
        var met: Set<String> = []
        var uncovered: [String] = []
        for (method, path) in routes {
            if let rule = policy.route(method: method, template: path) {
                met.insert(rule.name)
            } else {
                uncovered.append("\(method.uppercased()) \(RouteTemplate.normalised(path))")
            }
        }
        self.uncovered = uncovered.sorted()
        unused = policy.routes.map(\.name).filter { !met.contains($0) }.sorted()
    }

    /// - Throws: ``UncoveredRoutes`` with the names of the routes.
    public func require() throws(UncoveredRoutes) {
        guard uncovered.isEmpty else { throw UncoveredRoutes(routes: uncovered) }
    }
}

extension RouteRule {
    /// `GET /people/{id}`
    public var name: String { "\(method) \(template)" }
}

/// Routes that the policy does not cover.
public struct UncoveredRoutes: Error, Sendable, Equatable, CustomStringConvertible {
    public let routes: [String]

    public var description: String {
        "the policy covers no route \(routes.map { "\"\($0)\"" }.joined(separator: ", ")); under routes, say what each shows, or that it is "
            + "unlogged and why"
    }
}
