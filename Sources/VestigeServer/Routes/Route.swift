import Hummingbird
import VestigePolicy

/// One route: what it needs, what it takes and answers, and what it does. The router, the OpenAPI document and the test of all rights are
/// made from the same list of these.
struct Route: Sendable {
    /// Who may pass.
    enum Need: Sendable, Equatable {
        /// Everybody, without a credential: it discloses nothing.
        case nothing
        /// A credential of any role but `self`.
        case credential
        case right(Right)
        /// A credential of the role `self`.
        case oneself
    }

    struct Parameter: Sendable {
        let name: String
        let place: String
        let description: String
        var schema = #"{"type":"string"}"#
        var isRequired = false
    }

    /// Schemas stand under components; see `Schemas`.
    struct Body: Sendable {
        let types: [String]
        let schema: String?
    }

    struct Answer: Sendable {
        var status: HTTPResponse.Status = .ok
        let description: String
        let types: [String]
        var schema: String?
    }

    let method: HTTPRequest.Method
    /// As OpenAPI writes it.
    let path: String
    let id: String
    let summary: String
    let need: Need
    /// Whether the question must say why it is asked.
    var asksPurpose = false
    var parameters: [Parameter] = []
    var body: Body?
    let answers: [Answer]
    /// Problems of its own; those of the gate follow from what it needs.
    var problems: [ProblemKind] = []
    let run: @Sendable (Call) async throws -> Response

    var verb: String { method.rawValue }

    /// As the router writes it.
    var template: String { path.hasSuffix("{tile}") ? path.replacing("{tile}", with: "**") : path }
}

extension Route {
    /// Whether a path, given by its segments, is one of this route's.
    func covers(_ segments: [Substring]) -> Bool {
        let own = template.split(separator: "/")
        let isOpen = own.last == "**"
        guard isOpen ? segments.count >= own.count : segments.count == own.count else { return false }
        return zip(own, segments).allSatisfy { $0 == $1 || $0.hasPrefix("{") || $0 == "**" }
    }

    /// - Throws: ``Problem``: whoever asks may not pass.
    func check(_ access: Access) throws(Problem) {
        switch need {
        case .nothing: return
        case .credential:
            guard access.subject == nil else { throw .missing(right: "query") }
        case .right(let right):
            guard access.subject == nil, access.rights.contains(right) else { throw .missing(right: right.rawValue) }
        case .oneself:
            guard access.subject != nil else {
                throw Problem(.rightMissing, "This is for people who ask about themselves, with a credential of the role self.")
            }
        }
    }

    /// Every problem that it may answer with.
    var allProblems: [ProblemKind] {
        var all: [ProblemKind] = problems
        if need != .nothing {
            all += [.credentialMissing, .credentialInvalid, .addressNotAllowed, .rightMissing, .tooManyRequests, .unavailable]
        }
        if asksPurpose { all += [.purposeRequired, .purposeUnknown] }
        if body != nil { all += [.bodyTooLarge, .mediaType, .notJSON, .unknownMember, .invalidValue] }
        if parameters.contains(where: { $0.place != "header" }) { all += [.invalidValue] }
        if parameters.contains(where: { $0.place == "query" }) { all += [.unknownMember] }
        return all + [.unexpected]
    }
}
