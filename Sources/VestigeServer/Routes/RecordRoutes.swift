import Hummingbird
import NIOCore
import VestigeCore
import VestigePolicy

/// What hosts in other languages record by.
struct RecordRoutes: Sendable {
    private static let types = ["application/x-ndjson", "application/json"]
    private static let multiStatus = HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")

    let metrics: ServiceMetrics

    var routes: [Route] {
        [
            Route(
                method: .post, path: "/v1/record", id: "record",
                summary: "Records entries, one JSON object a line, and answers each with a line once it is durable.", need: .right(.record),
                body: Route.Body(types: Self.types, schema: "Entry"),
                answers: [
                    Route.Answer(
                        description: "Every entry is recorded: a receipt each, in the order of the lines.",
                        types: ["application/x-ndjson"], schema: "RecordedLine"),
                    Route.Answer(
                        status: Self.multiStatus, description: "At least one entry was not recorded; its line says why. The others are.",
                        types: ["application/x-ndjson"], schema: "RecordedLine"),
                ],
                problems: [.notRecorded], run: run)
        ]
    }

    /// Lines are recorded side by side. What was begun is finished, whether or not the client is still there.
    private func run(_ call: Call) async throws -> Response {
        let access = try call.requireAccess()
        try call.requireType("application/x-ndjson", "application/json")
        let isOne = call.request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true
        let lines = try Self.lines(try await call.body(upTo: Limits.batchByteCountMax), isOne: isOne)
        let recorder = LineRecorder(recorder: access.tenant.recorder)
        let outcomes = try await Task {
            var rest = lines[...]
            let (received, outcomes) = AsyncStream.makeStream(of: (line: Int, outcome: RecordedLine).self)
            _ = try await recorder.run({ rest.popFirst() }) { outcomes.yield(($0, $1)) }
            outcomes.finish()
            return await received.reduce(into: []) { $0.append($1) }
        }.value
        return try answer(outcomes)
    }

    private func answer(_ outcomes: [(line: Int, outcome: RecordedLine)]) throws(Problem) -> Response {
        guard !outcomes.isEmpty else { throw Problem(.invalidValue, "The body has no entry. Nothing was recorded.") }
        var recorded = 0
        var refused = 0
        var bytes: [UInt8] = []
        for (line, outcome) in outcomes {
            switch outcome {
            case .recorded: recorded += 1
            case .failed(.unavailable): break
            case .failed: refused += 1
            }
            bytes += outcome.text(line: line)
        }
        metrics.recorded(recorded, refused: refused)
        guard recorded + refused > 0 else {
            var problem = Problem(.notRecorded, "The trail took none of the entries. Send them again later, with the same ids.")
            problem.retryAfter = 5
            throw problem
        }
        return Response(
            status: recorded == outcomes.count ? .ok : Self.multiStatus, headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func lines(_ body: [UInt8], isOne: Bool) throws(Problem) -> [EntryLine] {
        let lines =
            isOne ? [body[...]] : body.split(separator: 0x0A, maxSplits: Limits.batchEntryCountMax + 1, omittingEmptySubsequences: false)
        // What ends with a line feed has nothing behind it.
        guard lines.count - (lines.last?.isEmpty == true ? 1 : 0) <= Limits.batchEntryCountMax else {
            throw Problem(
                .bodyTooLarge, "A batch has at most \(Limits.batchEntryCountMax) lines; send several. Nothing was recorded.")
        }
        return lines.map { $0.count > EntryReader.byteCountMax ? .tooLong : .bytes(Array($0)) }
    }
}
