import Foundation
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
/// | `record` and `event` | the act is recorded: `success` when the answer is 2xx or 3xx, else `failure`, which makes nobody known whose record was asked for; a look that is only sent elsewhere is a failure too |
/// | `unlogged` | nothing, unless a `RecordedStore` looked something up |
/// | nothing | 503 `route-not-covered`; the route is not run |
///
/// An answer is withheld, with a problem+json that names nobody, when the look cannot be recorded (503 `look-not-recorded`), when its
/// purpose is missing or undeclared (428), and when the handler does not say whom it shows (503 `subject-missing`).
///
/// Looks that stores take while the request is answered wait, and become one entry with the route's own; what a streamed body looks up
/// is recorded at once, before its bytes leave. Changes are recorded by the stores at once. What a handler began is recorded whether or not
/// its client is still there to read the answer.
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
        // Added to the router and to a group of it: the outer one records.
        if AuditScope.slot === context.recording { return try await next(request, context) }
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
        // The router hands parameters on as they stand in the path. A host that decodes %34%32 shows record 42, so that is what is recorded.
        let given = rule.idParameter.flatMap { context.parameters.get($0) }.map { $0.removingPercentEncoding ?? $0 }
        let slot = context.recording
        slot.goes(
            to: rule.template, parameter: rule.idParameter, id: given, of: rule.look?.record,
            streaming: rule.look.flatMap { $0.event.isLook ? $0.event.rawValue : nil } ?? "read")
        let answer = await run(request, context: context, next: next)
        let entries = RequestEntries(rule: rule, given: given, looks: slot.settle(), slot: slot, policy: policy)
        return try await settle(answer, entries, request, context, at: template)
    }

    /// Runs the rest of the chain as this request's: what a store does in it finds actor and purpose in the slot.
    private func run(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async -> Result<Response, any Error> {
        await AuditScope.$current.withValue(.request(context.recording)) {
            do { return .success(try await next(request, context)) } catch { return .failure(error) }
        }
    }

    /// Records what the request did, durably, and only then lets its answer go.
    private func settle(
        _ answer: Result<Response, any Error>, _ entries: RequestEntries, _ request: Request, _ context: Context, at template: String
    ) async throws -> Response {
        let wouldShow = Self.shows(answer, entries)
        let problem = wouldShow ? entries.problem : refusal(answer, context)
        let isShown = wouldShow && problem == nil
        let due = entries.entries(isDone: wouldShow, isShown: isShown)
        do {
            try await record(due)
        } catch {
            guard await stands(entries, isDone: wouldShow, isShown: isShown, after: error), !isShown || !entries.showsSomething else {
                context.logger.error("A look was not recorded and not shown", metadata: ["route": "\(template)", "error": "\(error)"])
                return Problem.notRecorded.response(to: request)
            }
            context.logger.error("An entry was refused and recorded in short", metadata: ["route": "\(template)", "error": "\(error)"])
        }
        if let problem { return problem.response(to: request) }
        var response = try answer.get()
        if isShown, !due.isEmpty || context.recording.streams, response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = "no-store"
        }
        response.body = Self.carrying(context.recording, response.body)
        return response
    }

    /// What was done is done: a request that is cancelled by now, as when the host stops, is recorded like any other.
    private func record(_ entries: [Entry]) async throws {
        guard !entries.isEmpty else { return }
        try await Task { [recorder] in try await recorder.recordDurably(entries) }.value
    }

    /// What was refused for what its entry says is told with less: a change that is done, and a look that is then not shown, must not be
    /// missing since somebody found a text that no entry takes.
    ///
    /// - Returns: whether something stands.
    private func stands(_ entries: RequestEntries, isDone: Bool, isShown: Bool, after error: any Error) async -> Bool {
        guard case RecordingError.refused = error else { return false }
        let due = entries.entries(isDone: isDone, isShown: isShown && !entries.showsSomething)
        for shortening in EntryShortening.allCases {
            do {
                try await record(due.map { shortening.shortened($0, by: policy) })
                return true
            } catch RecordingError.refused {
                continue
            } catch {
                return false
            }
        }
        return false
    }

    /// A body is written after the answer was returned, outside of the request's task-local values: it takes the slot along, so that a store
    /// that it reads records each look before the look's bytes leave.
    private static func carrying(_ slot: RecordingSlot, _ body: ResponseBody) -> ResponseBody {
        // A body whose length is known beforehand is there already, unless its handler says that it streams.
        guard body.contentLength == nil || slot.streams else { return body }
        return ResponseBody(contentLength: body.contentLength) { writer in
            let carried = writer
            try await AuditScope.$current.withValue(.request(slot)) { try await body.write(carried) }
        }
    }

    /// A store that could not record ended the handler: nothing is shown, and the client is told why.
    private func refusal(_ answer: Result<Response, any Error>, _ context: Context) -> Problem? {
        guard case .failure(let error as RecordingError) = answer else { return nil }
        switch error {
        case .unavailable: return .notRecorded
        case .refused(member: "purpose", _): return .purposeNeeded(given: context.recording.purpose != nil, by: policy)
        case .refused, .conflict, .unusableField: return nil
        }
    }

    /// The router has no such route, so no template says what an answer shows. Refusals, redirects and empty answers (CORS) may pass; a
    /// middleware that serves content by itself, such as static files, belongs outside of this one.
    private func answerWithoutRoute(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var answer = await run(request, context: context, next: next)
        if case .success(let response) = answer, response.status.kind == .successful, response.body.contentLength != 0 {
            context.logger.error("Content without a route was withheld", metadata: ["method": "\(request.method)"])
            answer = .success(Problem.routeNotCovered.response(to: request))
        }
        // A middleware may have looked somebody up: that is recorded as in any other request.
        let entries = RequestEntries(rule: nil, given: nil, looks: context.recording.settle(), slot: context.recording, policy: policy)
        return try await settle(answer, entries, request, context, at: "without a route")
    }

    /// Whether the handler did what it was asked for. Somebody who looks and is sent elsewhere, as to a sign-in, has seen nothing.
    private static func shows(_ answer: Result<Response, any Error>, _ entries: RequestEntries) -> Bool {
        let status =
            switch answer {
            case .success(let response): response.status
            case .failure(let error): (error as? any HTTPResponseError)?.status ?? .internalServerError
            }
        return switch status.kind {
        // Of what was not modified the client has a copy.
        case .redirection: status == .notModified || !entries.findNothing
        case .successful: true
        default: false
        }
    }
}
