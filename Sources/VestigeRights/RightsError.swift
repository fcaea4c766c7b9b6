import VestigeTrail

/// Why a person's right could not be carried out. No message names anybody.
public enum RightsError: Error, Sendable, Equatable {
    case missingCase
    case missingPurpose(String)
    case unknownPerson
    case alreadyErased
    /// Nothing was left to erase, but an erasure that had been under way is finished now.
    case finishedEarlier
    case held
    /// Staff who only ever acted: their key waits for its due day (days since 1970), which was set.
    case actingKeyOnly(dueDay: Int)
    case needsApproval(Int)
    /// Two identifiers were to be linked that are two people to the vault.
    case twoPeople
    /// One of the identifiers to be linked is erased or fenced.
    case linkedToErased
    /// An identifier was to be readmitted that no fence keeps out.
    case notFenced
    /// Two identifiers were to be linked that are one.
    case oneIdentifier
    /// Two identifiers are linked, but the entry about it could not be recorded.
    case linkedUnrecorded(String)
    /// The keys are gone, but the erasure could not be finished; the next start resumes it.
    case unfinished(String)
    case unavailable(String)
}

extension RightsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingCase: "an erasure belongs to a case: give its reference; nothing was erased"
        case .missingPurpose(let problem): "\(problem); nothing was erased"
        case .unknownPerson: "the vault knows nobody by this type and id, in this role; nothing was erased"
        case .alreadyErased: "this person is erased already; nothing was done"
        case .finishedEarlier: "this person's keys were destroyed before; an erasure that was still under way is finished now"
        case .actingKeyOnly(let day):
            "this person only ever acted, and the policy keeps the acting key of staff: it is destroyed after \(Timestamp(microseconds: 0).adding(days: Int64(day)).description.prefix(10)). With the role acting it is destroyed at once"
        case .held: "a legal hold covers this person; nothing was erased. Release the hold first"
        case .needsApproval(let count):
            "the policy wants \(count) approvals for an erasure: it runs only for an approved case; nothing was erased"
        case .twoPeople:
            "both identifiers have keys of their own: to the vault they are two people; nothing was linked. Erase the one that is not needed, readmit it, and link again before anything is recorded under it"
        case .linkedToErased: "one of the two is erased; nothing was linked. If they really return, readmit them first"
        case .notFenced:
            "no fence keeps this identifier out: it was never erased, its fence is over, or its erasure is under way; nothing was done"
        case .oneIdentifier: "both identifiers are the same; nothing was linked, name two"
        case .linkedUnrecorded(let what):
            "the identifiers are linked, but the entry about it could not be recorded: \(what). Link them again: it changes nothing and writes the entry"
        case .unfinished(let what):
            "the erasure is under way but not finished: \(what). It is resumed at the next start, or by asking again"
        case .unavailable(let what): "the erasure could not begin: \(what); nothing was erased"
        }
    }
}
