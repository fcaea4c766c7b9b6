public import Hummingbird
import Logging
public import VestigeCore
public import VestigePolicy
import VestigeTrail

/// Records every look that the policy's routes declare, durably, before the answer's first byte goes out.
///
/// Add it to the router first, before every route and every other middleware:
/// ```swift
/// let router = Router(context: AppContext.self)
/// router.add(middleware: RecordingMiddleware(recorder))
/// ```
/// It knows a route by the template under which it stands in the router, never by the path of the request, so no spelling of a path goes
/// round it. What it does with one:
///
/// | the policy says | what happens |
/// |---|---|
/// | `record` and `event` | the look is recorded: `success` when the answer is 2xx or 3xx, else `failure`, which makes nobody known whose record was asked for |
/// | `unlogged` | nothing |
/// | nothing | 503 `route-not-covered`; the route is not run |
///
/// An answer is withheld, with a problem+json that names nobody, when the look cannot be recorded (503 `look-not-recorded`), when its
/// purpose is missing or undeclared (428), and when the handler does not say whom it shows (503 `subject-missing`).
///
/// Recorded answers get `Cache-Control: no-store` unless the host set another: a page shown from a cache is a look that nobody records.
public struct RecordingMiddleware<Context: RecordingRequestContext>: RouterMiddleware {
    private let recorder: any LookRecorder
    private let policy: Policy

    /// - Parameter recorder: Its policy is the one whose routes are followed.
    public init(_ recorder: Recorder) {
        self.init(recorder: recorder, policy: recorder.policy)
    }

    /// For a test's double of the recorder.
    public init(recorder: any LookRecorder, policy: Policy) {
        self.recorder = recorder
        self.policy = policy
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        context.recording.comesFrom(
            ip: ClientAddress.find(peer: context.recording.peer, request: request, proxies: policy.proxies),
            userAgent: request.headers[.userAgent])
        guard let template = context.endpointPath else {
            return try await answerWithoutRoute(request, context: context, next: next)
        }
        guard let rule = policy.route(method: request.method.rawValue, template: template) else {
            context.logger.error("The policy covers no such route; it was not run", metadata: ["route": "\(request.method) \(template)"])
            return Problem.routeNotCovered.response(to: request)
        }
        guard let look = rule.look else { return try await next(request, context) }

        let answer: Result<Response, any Error>
        do {
            answer = .success(try await next(request, context))
        } catch {
            answer = .failure(error)
        }
        let opened = OpenedRecord(rule: rule, look: look, context: context, policy: policy)
        let wouldShow = Self.shows(answer)
        let problem = wouldShow ? opened.problem : nil
        let isShown = wouldShow && problem == nil
        do {
            try await recorder.recordDurably(opened.entry(status: isShown ? .success : .failure))
        } catch {
            context.logger.error("A look was not recorded and not shown", metadata: ["route": "\(template)", "error": "\(error)"])
            return Problem.notRecorded.response(to: request)
        }
        if let problem {
            return problem.response(to: request)
        }
        var response = try answer.get()
        if isShown, response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = "no-store"
        }
        return response
    }

    /// The router has no such route, so no template says what an answer shows. Refusals, redirects and empty answers (CORS) may pass; a
    /// middleware that serves content by itself, such as static files, belongs outside of this one.
    private func answerWithoutRoute(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        guard response.status.kind == .successful, response.body.contentLength != 0 else { return response }
        context.logger.error("Content without a route was withheld", metadata: ["method": "\(request.method)"])
        return Problem.routeNotCovered.response(to: request)
    }

    private static func shows(_ answer: Result<Response, any Error>) -> Bool {
        switch answer {
        case .success(let response): response.status.kind == .successful || response.status.kind == .redirection
        case .failure(let error): (error as? any HTTPResponseError)?.status.kind == .redirection
        }
    }
}
