import Hummingbird
import VestigePolicy

/// Why an answer was withheld, as `application/problem+json` (RFC 9457). It says nothing of what was asked for: no id, no path, no name.
struct Problem: Sendable {
    let status: HTTPResponse.Status
    /// Stable: clients may compare it.
    let type: String
    let title: String
    let detail: String
    var purposes: [(code: String, title: String)] = []

    /// The look could not be made durable, so nothing was shown.
    static let notRecorded = Problem(
        status: .serviceUnavailable, type: "urn:vestige:problem:look-not-recorded", title: "The look could not be recorded",
        detail: "What was asked for is not shown, since the look at it could not be recorded. Nothing was disclosed. Try again later.")

    /// The host has an endpoint that the policy does not know.
    static let routeNotCovered = Problem(
        status: .serviceUnavailable, type: "urn:vestige:problem:route-not-covered", title: "The policy does not cover this route",
        detail: "Under routes, the policy must say what this route shows, or that it is unlogged and why. Nothing was disclosed.")

    /// The handler did not say whom its answer shows.
    static let subjectMissing = Problem(
        status: .serviceUnavailable, type: "urn:vestige:problem:subject-missing", title: "The look names no record or person",
        detail: "The handler did not say whom its answer shows, so the look could not be recorded. Nothing was disclosed.")

    /// A reason is needed, or the one that was given is none of the policy's.
    static func purposeNeeded(given: Bool, by policy: Policy) -> Problem {
        Problem(
            status: .preconditionRequired,
            type: given ? "urn:vestige:problem:purpose-unknown" : "urn:vestige:problem:purpose-required",
            title: given ? "The policy does not know this purpose" : "A purpose is required",
            detail: "This record is shown only to those who say why they look. Send the code of one of these purposes.",
            purposes: policy.purposes.pairs.map { (code: $0.code, title: $0.value.title) })
    }

    func response(to request: Request) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        let buffer = ByteBuffer(string: json)
        headers[.contentLength] = String(buffer.readableBytes)
        let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: buffer)
        return Response(status: status, headers: headers, body: body)
    }

    private var json: String {
        var members = [
            "\"type\":\(Self.quoted(type))", "\"title\":\(Self.quoted(title))", "\"status\":\(status.code)",
            "\"detail\":\(Self.quoted(detail))",
        ]
        if !purposes.isEmpty {
            let list = purposes.map { "{\"code\":\(Self.quoted($0.code)),\"title\":\(Self.quoted($0.title))}" }
            members.append("\"purposes\":[\(list.joined(separator: ","))]")
        }
        return "{\(members.joined(separator: ","))}\n"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{00}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
