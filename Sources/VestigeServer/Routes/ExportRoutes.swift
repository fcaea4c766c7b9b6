import Hummingbird
import NIOCore
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeTrail

/// Entries taken out as a file: all that match, in memory of one batch. The formats are those of `vestige entries --format`.
struct ExportRoutes: Sendable {
    private static let formats: [EntryFormat] = EntryFormat.ofLists.filter { $0 != .table }

    var routes: [Route] {
        [
            Route(
                method: .post, path: "/v1/exports", id: "exportEntries",
                summary: "Takes out every entry that matches. An export is an entry of its own, durable before the first byte leaves.",
                need: .right(.export), asksPurpose: true, body: Route.Body(types: ["application/json"], schema: "Export"),
                answers: [
                    Route.Answer(
                        description: "The file. One that breaks off is not whole: nothing ends its last chunk.",
                        types: Self.formats.map(Self.type))
                ],
                problems: [.unknownFilter, .unknownCode], run: run)
        ]
    }

    private func run(_ call: Call) async throws -> Response {
        let members = try await call.members(known: ["format", "filters", "limit"])
        guard let format = try members.string("format").flatMap(EntryFormat.init(rawValue:)), Self.formats.contains(format) else {
            throw Problem(
                .invalidValue, "format is one of: \(Self.formats.map(\.rawValue).joined(separator: ", "))", member: "format")
        }
        let pairs = try members.filters("filters")
        let limit = try members.integer("limit", in: 1...Int.max)
        let filter = try EntryFilter(pairs)
        let asker = try call.asker()
        let tenant = try call.requireAccess().tenant
        let checkpoint = try await tenant.inquiry.checkpoint()
        let time = tenant.clock()
        let body = try await PushedBody.begin { write in
            var document = ExportDocument(
                format: format, exportedAt: time, exportedBy: asker.actor.id ?? "", filters: pairs, checkpoint: checkpoint)
            var isBegun = false
            let given = try await tenant.inquiry.export(filter, format: format, limit: limit, asker: asker) { batch in
                if !isBegun { try await write(document.head()) }
                isBegun = true
                try await write(document.batch(batch))
            }
            if !isBegun { try await write(document.head()) }
            try await write(document.tail(count: given.count, total: given.total, isTruncated: given.isTruncated))
        }
        var headers: HTTPFields = [.contentType: Self.type(of: format)]
        headers[.contentDisposition] = "attachment; filename=\"\(Self.fileName(format, at: time))\""
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func type(of format: EntryFormat) -> String {
        switch format {
        case .csv: "text/csv"
        case .ndjson: "application/x-ndjson"
        case .json, .table, .pack: "application/json"
        }
    }

    /// `audit-log-20260504T091233Z.csv`
    private static func fileName(_ format: EntryFormat, at time: Timestamp) -> String {
        let digits = time.description.prefix(19).filter { $0 != "-" && $0 != ":" }
        return "audit-log-\(digits)Z.\(format.rawValue)"
    }
}
