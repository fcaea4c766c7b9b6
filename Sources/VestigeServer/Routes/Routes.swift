/// Every route of the service.
struct Routes: Sendable {
    let all: [Route]

    init(tenants: [Tenant], metrics: ServiceMetrics) {
        var all = ServiceRoutes(tenants: tenants, metrics: metrics).routes
        all +=
            RecordRoutes(metrics: metrics).routes + EntryRoutes().routes + QuestionRoutes().routes + ExportRoutes(metrics: metrics).routes
        all += TrailRoutes().routes + SelfRoutes().routes
        // Described with all the others, itself among them.
        all.append(OpenAPIDocument.route(describing: all))
        self.all = all
    }
}
