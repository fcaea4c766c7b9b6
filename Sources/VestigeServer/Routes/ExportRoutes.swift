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
        let export = try await tenant.inquiry.beginExport(filter, format: format, limit: limit, asker: asker)
        let document = ExportDocument(
            format: format, exportedAt: tenant.clock(), exportedBy: asker.actor.id ?? "", filters: pairs, checkpoint: checkpoint)
        var headers: HTTPFields = [.contentType: Self.type(of: format)]
        headers[.contentDisposition] = "attachment; filename=\"\(Self.fileName(format, at: tenant.clock()))\""
        return Response(status: .ok, headers: headers, body: Self.body(export, document))
    }

    /// The next batch is read when the client has taken the one before.
    private static func body(_ export: EntryExport, _ document: ExportDocument) -> ResponseBody {
        ResponseBody { writer in
            var export = export
            var document = document
            try await writer.write(ByteBuffer(bytes: document.head()))
            while let batch = try await export.next() { try await writer.write(ByteBuffer(bytes: document.batch(batch))) }
            let tail = document.tail(count: export.count, total: export.total, isTruncated: export.isTruncated)
            try await writer.write(ByteBuffer(bytes: tail))
            try await writer.finish(nil)
        }
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
