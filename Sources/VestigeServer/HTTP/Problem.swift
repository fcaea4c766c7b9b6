import Hummingbird
import VestigePolicy
import VestigeTrail

/// Why something was not done, as `application/problem+json` (RFC 9457). It repeats nothing of what was asked for but names of members and
/// filters that have the form of one: no id, no value, no path.
struct Problem: Error, Sendable, Equatable {
    let kind: ProblemKind
    let detail: String
    /// The member, filter or header that is to be mended.
    var member: String?
    /// The purposes there are.
    var purposes: [String: String] = [:]
    /// Seconds after which it may be tried again.
    var retryAfter: Int?

    init(_ kind: ProblemKind, _ detail: String, member: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.member = member
    }

    var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { json in
            json.member("type", kind.type)
            json.member("title", kind.title)
            json.key("status")
            json.integer(Int64(kind.status.code))
            json.member("detail", detail)
            json.member("member", member)
            guard !purposes.isEmpty else { return }
            json.key("purposes")
            json.array { list in
                for (code, title) in purposes.sorted(by: { $0.key < $1.key }) {
                    list.object { json in
                        json.member("code", code)
                        json.member("title", title)
                    }
                }
            }
        }
        return writer.bytes + [0x0A]
    }

    var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json"]
        if kind.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
        return Response(status: kind.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A reason is needed, or the one that was given is none of the policy's.
    static func purpose(given: Bool, by policy: Policy) -> Problem {
        var problem = Problem(
            given ? .purposeUnknown : .purposeRequired,
            "Questions about people are answered to those who say why they ask. Send the code of one of these purposes in the header "
                + "\(Header.purpose.canonicalName).", member: Header.purpose.canonicalName)
        problem.purposes = Dictionary(policy.purposes.pairs.map { ($0.code, $0.value.title) }) { first, _ in first }
        return problem
    }
}

/// Headers of the service's own.
enum Header {
    /// Why it is asked: a purpose that the policy declares.
    static let purpose = name("vestige-purpose")
    /// The case that the question belongs to; sealed with it.
    static let caseReference = name("vestige-case")

    private static func name(_ text: String) -> HTTPFields.Element.Name { HTTPFields.Element.Name(text) ?? .via }
}
