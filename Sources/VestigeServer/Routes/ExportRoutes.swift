import Hummingbird
import Logging
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTrail

/// Entries taken out as a file: all that match, in memory of one batch. The formats are those of `vestige entries --format`.
struct ExportRoutes: Sendable {
    let metrics: ServiceMetrics

    var routes: [Route] {
        [
            Route(
                method: .post, path: "/v1/exports", id: "exportEntries",
                summary: "Takes out every entry that matches. An export is an entry of its own, durable before the first byte leaves.",
                need: .right(.export), asksPurpose: true, body: Route.Body(types: ["application/json"], schema: "Export"),
                answers: [
                    Route.Answer(
                        description: "The file; with its manifest where that was asked for. One that breaks off is not whole: nothing ends "
                            + "its last chunk.", types: Self.types)
                ],
                problems: [.unknownFilter, .unknownCode, .badQuery, .actorsHidden], run: run)
        ]
    }

    /// Without parameters, each once.
    private static var types: [String] {
        var types: [String] = []
        for format in EntryFormat.ofExports {
            let type = String(format.mediaType.prefix { $0 != ";" })
            if !types.contains(type) { types.append(type) }
        }
        return types + [ExportEnvelope.type]
    }

    private func run(_ call: Call) async throws -> Response {
        let members = try await call.members(known: [
            "format", "filters", "query", "open", "limit", "enterprise", "manifest", AskedTrail.name,
        ])
        let order = try Self.order(members, call)
        let envelope = try members.boolean("manifest") == true ? ExportEnvelope(order) : nil
        let inquiry = try call.requireAccess().tenant.inquiry(try members.askedTrail())
        let (logger, metrics) = (call.context.logger, metrics)
        let body = try await PushedBody.begin {
            // The head of the answer is out and says 200; that the rest is missing stands in log and metrics.
            metrics.exportBroke()
            logger.error("An export broke off", metadata: ["error": "\(ServiceMiddleware.text(of: $0))"])
        } push: { write in
            // The answer begins with the first bytes of the file: what is refused before them is still told as a problem.
            var head = envelope?.head ?? []
            let manifest = try await inquiry.export(order) { bytes in
                try await write(head + bytes)
                head = []
            }
            if let envelope { try await write(head + envelope.tail(manifest)) }
        }
        var headers: HTTPFields = [.contentType: envelope?.contentType ?? order.format.mediaType]
        if envelope == nil { headers[.contentDisposition] = "attachment; filename=\"\(order.fileName)\"" }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func order(_ members: RequestMembers, _ call: Call) throws -> ExportOrder {
        let formats = EntryFormat.ofExports
        guard let format = try members.string("format").flatMap(EntryFormat.init(rawValue:)), formats.contains(format) else {
            throw Problem(.invalidValue, "format is one of: \(formats.map(\.rawValue).joined(separator: ", "))", member: "format")
        }
        let tenant = try call.requireAccess().tenant
        var source = tenant.source
        if let number = try members.integer("enterprise", in: 1...Int(UInt32.max)) { source.enterprise = UInt32(clamping: number) }
        return ExportOrder(
            try members.entryFilter(by: tenant.policy), format: format, limit: try members.integer("limit", in: 1...Int.max),
            opening: try members.words("open", OpenedPart.allCases), asker: try call.asker(), source: source, at: tenant.clock())
    }
}
