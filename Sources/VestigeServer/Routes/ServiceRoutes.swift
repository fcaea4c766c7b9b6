import Hummingbird
import Logging
import VestigeTrail

/// How the service is, for whoever runs it.
struct ServiceRoutes: Sendable {
    let tenants: [Tenant]
    let metrics: ServiceMetrics

    var routes: [Route] {
        [
            Route(
                method: .get, path: "/health", id: "health", summary: "Says that the process answers.", need: .nothing,
                answers: [Route.Answer(description: "It does.", types: ["application/json"], schema: "State")],
                run: { _ in .json(Array(#"{"status":"ok"}"#.utf8)) }),
            Route(
                method: .get, path: "/ready", id: "ready", summary: "Says that every trail can be read and takes entries.", need: .nothing,
                answers: [Route.Answer(description: "They do.", types: ["application/json"], schema: "State")], problems: [.notReady],
                run: ready),
            Route(
                method: .get, path: "/metrics", id: "metrics", summary: "Counters and gauges (Prometheus text).", need: .credential,
                answers: [Route.Answer(description: "Text format 0.0.4.", types: ["text/plain"])], run: counters),
        ]
    }

    private func ready(_ call: Call) async throws -> Response {
        for state in await states() where !state.isReady {
            call.context.logger.warning("A tenant is not ready", metadata: ["tenant": "\(state.name)", "waiting": "\(state.waiting)"])
            var problem = Problem(
                .notReady,
                "At least one trail cannot be read, its spool takes nothing more, or its clock is behind its entries; `vestige status` and the log tell more."
            )
            problem.retryAfter = 5
            throw problem
        }
        return .json(Array(#"{"status":"ready"}"#.utf8))
    }

    /// A credential belongs to one tenant and sees that one's figures; the counters of requests are the service's.
    private func counters(_ call: Call) async throws -> Response {
        let own = try call.requireAccess().tenant
        let sinks = (try? await own.sinks()) ?? []
        let text = metrics.text(tenants: await states().filter { $0.name == own.name })
        return .text(text + metrics.text(sinks: sinks, of: own.name), type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func states() async -> [(name: String, size: UInt64?, waiting: Int, isReady: Bool)] {
        var states: [(name: String, size: UInt64?, waiting: Int, isReady: Bool)] = []
        for tenant in tenants {
            let size = try? await tenant.trail.checkpoint().size
            let spool = tenant.spool()
            // A clock that cannot be told is none that is right.
            let behind = (try? await tenant.clockBehind() ?? 0) ?? 1
            let isReady = size != nil && spool.failure == nil && behind == 0
            states.append((tenant.name, size, spool.waiting, isReady))
        }
        return states
    }
}
