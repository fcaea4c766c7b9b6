import Hummingbird

/// The kinds of problems. Their names are stable: clients may compare them.
enum ProblemKind: String, Sendable, CaseIterable {
    case credentialMissing = "credential-missing"
    case credentialInvalid = "credential-invalid"
    case addressNotAllowed = "address-not-allowed"
    case rightMissing = "right-missing"
    case actorsHidden = "actors-hidden"
    case tooManyRequests = "too-many-requests"
    case purposeRequired = "purpose-required"
    case purposeUnknown = "purpose-unknown"
    case personInURL = "person-in-url"
    case unknownMember = "unknown-member"
    case unknownFilter = "unknown-filter"
    case unknownCode = "unknown-code"
    case badQuery = "bad-query"
    case badCursor = "bad-cursor"
    case invalidValue = "invalid-value"
    case notJSON = "not-json"
    case unknownRoute = "unknown-route"
    case methodNotAllowed = "method-not-allowed"
    case notFound = "not-found"
    case bodyTooLarge = "body-too-large"
    case mediaType = "media-type"
    case notRecorded = "not-recorded"
    case unavailable
    case notReady = "not-ready"
    case unexpected

    var type: String { "urn:vestige:problem:\(rawValue)" }

    var status: HTTPResponse.Status {
        switch self {
        case .credentialMissing, .credentialInvalid: .unauthorized
        case .addressNotAllowed, .rightMissing, .actorsHidden: .forbidden
        case .tooManyRequests: .tooManyRequests
        case .purposeRequired, .purposeUnknown: .preconditionRequired
        case .personInURL, .unknownMember, .unknownFilter, .unknownCode, .badQuery, .badCursor, .invalidValue, .notJSON:
            .badRequest
        case .unknownRoute, .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .bodyTooLarge: .contentTooLarge
        case .mediaType: .unsupportedMediaType
        case .notRecorded, .unavailable, .notReady: .serviceUnavailable
        case .unexpected: .internalServerError
        }
    }

    var title: String {
        switch self {
        case .credentialMissing: "A credential is needed"
        case .credentialInvalid: "The credential is not good"
        case .addressNotAllowed: "Not from this address"
        case .rightMissing: "The role does not have this right"
        case .actorsHidden: "The policy shows actors as pseudonyms"
        case .tooManyRequests: "Too many requests"
        case .purposeRequired: "A purpose is required"
        case .purposeUnknown: "The policy does not know this purpose"
        case .personInURL: "People and records do not stand in a URL"
        case .unknownMember: "A member is not known"
        case .unknownFilter: "A filter is not known"
        case .unknownCode: "The policy does not declare this"
        case .badQuery: "The text of the search cannot be understood"
        case .badCursor: "The cursor belongs to no page of this list"
        case .invalidValue: "A value has another form"
        case .notJSON: "The body is not JSON"
        case .unknownRoute: "There is no such route"
        case .methodNotAllowed: "The route does not know this method"
        case .notFound: "There is nothing at this place"
        case .bodyTooLarge: "The body is too large"
        case .mediaType: "The body is of another type"
        case .notRecorded: "Nothing was recorded"
        case .unavailable: "The question could not be answered"
        case .notReady: "The service is not ready"
        case .unexpected: "Something went wrong"
        }
    }
}
