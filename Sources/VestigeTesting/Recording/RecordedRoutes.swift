public import VestigePolicy

/// For a host's tests: every route is recorded or `unlogged`, and the policy speaks of no route that the host does not have.
///
/// ```swift
/// @Test("Every route is covered by the policy")
/// func coverage() throws {
///     try requireRecordedRoutes(router.routes.map { ($0.method.rawValue, "\($0.path)") }, by: policy)
/// }
/// ```
/// - Parameter routes: Method and path of each, in the host's own spelling (`/people/:id` or `/people/{id}`).
/// - Throws: ``RouteGaps`` with the name of each route that is wrong.
public func requireRecordedRoutes(_ routes: some Sequence<(method: String, path: String)>, by policy: Policy) throws(RouteGaps) {
    let coverage = RouteCoverage(of: routes, by: policy)
    guard coverage.uncovered.isEmpty, coverage.unused.isEmpty else { throw RouteGaps(coverage) }
}

/// Where a host's routes and those of its policy do not meet.
public struct RouteGaps: Error, Sendable, Equatable, CustomStringConvertible {
    /// Routes of the host that the policy does not name: they are refused when they are asked for.
    public let uncovered: [String]
    /// Routes of the policy that the host does not have: a typing error, or a route that is gone.
    public let unused: [String]

    init(_ coverage: RouteCoverage) {
        uncovered = coverage.uncovered
        unused = coverage.unused
    }

    /// One sentence for each kind of gap; routes name nobody.
    public var description: String {
        var sentences: [String] = []
        if !uncovered.isEmpty {
            sentences.append(
                "the policy covers no route \(quoted(uncovered)); under routes, say what each shows, or that it is unlogged and why")
        }
        if !unused.isEmpty {
            sentences.append("the host has no route \(quoted(unused)), but the policy does; take it out, or mend its spelling")
        }
        return sentences.joined(separator: "\n")
    }

    private func quoted(_ routes: [String]) -> String { routes.map { "\"\($0)\"" }.joined(separator: ", ") }
}
