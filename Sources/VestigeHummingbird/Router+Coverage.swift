public import Hummingbird
public import VestigePolicy

extension Router {
    /// This router's routes held against those of `policy`.
    public func coverage(by policy: Policy) -> RouteCoverage {
        RouteCoverage(of: routes.map { (method: $0.method.rawValue, path: $0.path.description) }, by: policy)
    }

    /// For the start of a host, once every route was added.
    ///
    /// - Throws: `UncoveredRoutes`, which names each route that is neither recorded nor `unlogged`.
    public func requireCoverage(by policy: Policy) throws {
        try coverage(by: policy).require()
    }
}
