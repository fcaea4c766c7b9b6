/// Why a witness did not cosign. The first three mean that this trail is not the one that the witness saw before: an older copy was put
/// back, or it was rewritten. Somebody must look into it.
public enum WitnessRefusal: Sendable, Equatable {
    /// It cosigned a larger tree of this trail.
    case sawMore(size: UInt64)
    /// It cosigned another tree of the same size.
    case sawOther(size: UInt64)
    /// What it cosigned is not the beginning of this trail.
    case inconsistent(size: UInt64)
    /// It does not know this trail by its origin.
    case unknownTrail
    /// It does not know the key that signed the checkpoint.
    case unknownKey
    /// It could not read the request.
    case malformed
    /// Its answer holds no good cosignature by its key.
    case badAnswer(status: Int)

    public var isAlarm: Bool {
        switch self {
        case .sawMore, .sawOther, .inconsistent: true
        default: false
        }
    }

    /// What the witness had seen, where it said so.
    var seen: UInt64? {
        switch self {
        case .sawMore(let size), .sawOther(let size), .inconsistent(let size): size
        default: nil
        }
    }

    /// A code for the entry and for programs.
    public var code: String {
        switch self {
        case .sawMore: "saw_more"
        case .sawOther: "saw_other"
        case .inconsistent: "inconsistent"
        case .unknownTrail: "unknown_trail"
        case .unknownKey: "unknown_key"
        case .malformed: "malformed"
        case .badAnswer: "bad_answer"
        }
    }

    /// - Parameter size: of the checkpoint that was submitted.
    public func message(size: UInt64) -> String {
        switch self {
        case .sawMore(let seen): "saw \(seen) entries of this trail, which has \(size): an older copy was put back"
        case .sawOther: "saw another trail of \(size) entries under this name: it was rewritten, or gone on with in two places"
        case .inconsistent(let seen): "saw \(seen) entries that this trail does not begin with: it was rewritten"
        case .unknownTrail: "does not know this trail: give its operator the origin and the verifier key"
        case .unknownKey: "does not know this trail's key: give its operator the verifier key that `vestige status` prints"
        case .malformed: "could not read the request"
        case .badAnswer(let status): "answered with status \(status) and no good cosignature by its key"
        }
    }
}

/// What came of submitting to one witness.
public enum WitnessOutcome: Sendable, Equatable {
    case cosigned(Cosignature)
    case refused(WitnessRefusal)
    /// No answer, or one that says to come again later.
    case unreachable(String)
}
