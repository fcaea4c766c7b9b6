import Hummingbird
import Logging
import VestigeCore
import VestigeInquiry
import VestigeTrail
import VestigeVault

/// Around every route and around what is no route: errors become problems, and each request leaves one line in the log and its counts. None
/// of them says who asked, what for, or about whom.
struct ServiceMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let metrics: ServiceMetrics
    let routes: [Route]
    private let templates: Set<String>

    init(metrics: ServiceMetrics, routes: [Route]) {
        self.metrics = metrics
        self.routes = routes
        templates = Set(routes.map(\.template))
    }

    func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let start = ContinuousClock.now
        metrics.began()
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = answer(error, request, context)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.xContentTypeOptions] = "nosniff"
        let seconds = ContinuousClock.now - start
        let time = Double(seconds.components.seconds) + Double(seconds.components.attoseconds) / 1e18
        let route = templates.contains(context.endpointPath ?? "") ? context.endpointPath ?? "" : "other"
        let method = Self.methods.contains(request.method) ? request.method.rawValue : "other"
        metrics.ended(route: route, method: method, status: response.status.code, seconds: time)
        context.logger.info(
            "request",
            metadata: [
                "route": "\(route)", "method": "\(method)", "status": "\(response.status.code)", "milliseconds": "\(Int(time * 1000))",
            ])
        return response
    }

    /// A method may be any word that somebody sends; only these are repeated.
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]

    private func answer(_ error: any Error, _ request: Request, _ context: Context) -> Response {
        var problem = Problem(error, by: nil)
        if Problem.isTrouble(error) {
            context.logger.error("A request failed", metadata: ["problem": "\(problem.kind.rawValue)", "error": "\(Self.text(of: error))"])
        }
        if Problem.gate.contains(problem.kind) { metrics.refused(problem.kind) }
        let allowed = problem.kind == .unknownRoute ? methods(of: request.uri.path) : []
        if !allowed.isEmpty { problem = Problem(.methodNotAllowed, "This route knows: \(allowed.joined(separator: ", ")).") }
        var response = problem.response
        if !allowed.isEmpty { response.headers[.allow] = allowed.joined(separator: ", ") }
        return response
    }

    /// Errors of Vestige name nobody; of others only the kind is told.
    static func text(of error: any Error) -> String {
        switch error {
        case is Problem, is InquiryError, is RecordingError, is TrailError, is VaultError: "\(error)"
        default: "\(type(of: error))"
        }
    }

    private func methods(of path: String) -> [String] {
        let segments = path.split(separator: "/")
        return routes.filter { $0.covers(segments) }.map(\.method.rawValue)
    }
}
