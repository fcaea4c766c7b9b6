import Hummingbird
import NIOCore
import VestigeCore
import VestigeDesk
import VestigeInquiry
import VestigePolicy
import VestigeTrail
import VestigeVault

extension Problem {
    /// What a client is told of an error. The error's own text goes to the log where it is the service's trouble.
    init(_ error: any Error, by policy: Policy?) {
        switch error {
        case let problem as Problem: self = problem
        case let error as InquiryError: self = Problem(error, by: policy)
        case is NIOTooManyBytesError: self = Problem(.bodyTooLarge, "The body has more bytes than this route takes. Nothing was done.")
        case let error as HTTPError where error.status == .notFound:
            self = Problem(.unknownRoute, "The service has no such route; /openapi.json describes those that it has.")
        case TrailError.notFound: self = .noSuchEntry
        case TrailError.beyond: self = .beyondTheTrail
        case is RecordingError, is TrailError, is VaultError, is DeskError: self = .notAnswered
        default: self = Problem(.unexpected, "The service did not do what was asked and does not know why; its log tells more.")
        }
    }

    private init(_ error: InquiryError, by policy: Policy?) {
        switch error {
        case .missingPurpose:
            self = policy.map { .purpose(given: false, by: $0) } ?? Problem(.purposeRequired, "A purpose is missing.")
        case .undeclared(let problem): self = Problem(.unknownCode, problem)
        case .badReference, .badID, .badPseudonym: self = Problem(.invalidValue, "\(error)")
        case .unknownFilter(let name, _): self = Problem(.unknownFilter, "\(error)", member: name)
        case .badTime(let filter): self = Problem(.invalidValue, "\(error)", member: filter)
        case .badQuery, .queryTooLong: self = Problem(.badQuery, "\(error)", member: "query")
        case .badCursor: self = Problem(.badCursor, "\(error)", member: "cursor")
        case .actorsAreHidden: self = Problem(.actorsHidden, "\(error)")
        case .missingRight(let right): self = .missing(right: right)
        case .unavailable: self = .notAnswered
        }
    }

    static let notAnswered: Problem = {
        var problem = Problem(
            .unavailable, "Trail or vault could not be read, or the question could not be recorded. Nothing was shown. Try again later.")
        problem.retryAfter = 5
        return problem
    }()

    static let noSuchEntry = Problem(.notFound, "The trail has no entry at this place.")

    static let beyondTheTrail = Problem(.notFound, "The trail does not reach so far.")

    static func missing(right: String) -> Problem {
        Problem(
            .rightMissing, "This needs the right \"\(right)\", which the role of this credential does not have. Nothing was shown.",
            member: right)
    }

    /// The code of the right without which somebody was refused; `nil` of every other problem.
    var missingRight: String? {
        switch kind {
        case .rightMissing: member ?? "query"
        case .actorsHidden: Right.openActors.rawValue
        default: nil
        }
    }

    /// By which somebody was not let pass.
    static let gate: Set<ProblemKind> = [.credentialMissing, .credentialInvalid, .addressNotAllowed, .rightMissing, .tooManyRequests]

    /// Whether the log should say more than the status.
    static func isTrouble(_ error: any Error) -> Bool {
        switch error {
        case let problem as Problem: problem.kind.status.code >= 500
        case InquiryError.unavailable: true
        case is InquiryError, is NIOTooManyBytesError, is HTTPError, TrailError.notFound, TrailError.beyond: false
        default: true
        }
    }
}
