import VestigeTrail

/// Why a person's right could not be carried out. No message names anybody.
public enum RightsError: Error, Sendable, Equatable {
    case missingCase
    /// The case reference is longer than an entry would take.
    case longCase(byteCount: Int)
    case missingPurpose(String)
    case unknownPerson
    case alreadyErased
    /// Nothing was left to erase, but an erasure that had been under way is finished now.
    case finishedEarlier
    /// The keys were destroyed before; the role in which there never was one is fenced now.
    case roleFenced
    case held
    /// A hold on somebody unknown.
    case nobodyToHold
    /// A hold on a record that the trail or the vault does not know.
    case unknownRecord
    /// A hold on somebody or something that is erased, or being erased.
    case erasedThing
    case holdInThePast
    /// The case holds this person or record already, by the entry at `seq`.
    case heldByThisCase(seq: UInt64)
    /// A release where no hold stands.
    case notHeld
    /// A release for a case that has placed no hold here; of `unreadable` others the case cannot be read any more.
    case noHoldOfCase(unreadable: Int)
    /// The trail says it, the vault could not be told.
    case holdUnsettled(String)
    /// Whoever decides is nobody, or erased: there is no slot for the case.
    case noSlot
    case nothingToRedact
    case tooManyToRedact(count: Int)
    case unknownEntries([UInt64])
    /// Their bodies are gone: redacted before, or pruned.
    case bodiesGone([UInt64])
    /// What Vestige itself wrote keeps its body.
    case builtInEntry(seq: UInt64, action: String)
    /// A hold covers the entry.
    case heldEntry(seq: UInt64)
    /// The redaction stands in the trail, and is not carried out yet.
    case redactionUnfinished(String)
    /// Staff who only ever acted: their key waits for its due day (days since 1970), which was set.
    case actingKeyOnly(dueDay: Int)
    /// The policy wants bodies archived before they go, and there is nowhere to put them.
    case archiveMissing
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
        case .missingCase: "this belongs to a case: give its reference; nothing was done"
        case .longCase(let count):
            "the case reference has \(count) bytes, at most \(Rights.caseByteCountMax) are kept; nothing was done, give the reference alone"
        case .missingPurpose(let problem): "\(problem); nothing was erased"
        case .unknownPerson: "the vault knows nobody by this type and id, in this role; nothing was erased"
        case .alreadyErased: "this person is erased already; nothing was done"
        case .finishedEarlier: "this person's keys were destroyed before; an erasure that was still under way is finished now"
        case .roleFenced:
            "this person's keys were destroyed before; there is nothing left to destroy. The role in which they never had a key is fenced now: no later act makes one"
        case .actingKeyOnly(let day):
            "this person only ever acted, and the policy keeps the acting key of staff: it is destroyed after \(Timestamp(microseconds: 0).adding(days: Int64(day)).description.prefix(10)). With the role acting it is destroyed at once"
        case .held:
            "a legal hold covers this person; nothing was erased. `vestige hold list` shows which one stands; once every case has released its own, ask again"
        case .nobodyToHold: "the vault knows nobody by this name; nothing was held, see that type and id are right"
        case .unknownRecord: "nothing stands in the trail under this record; nothing was held, see that type and id are right"
        case .erasedThing: "this is erased, or its erasure is under way: there is nothing left to hold; nothing is held"
        case .holdInThePast: "the last day of this hold is over already; nothing was held, give a later one or none"
        case .heldByThisCase(let seq):
            "this case holds it already, by entry \(seq); nothing was recorded. To change its last day release it and place it anew"
        case .notHeld: "no hold stands here; nothing was released"
        case .noHoldOfCase(let unreadable):
            "no hold that stands here was placed for this case; nothing was released"
                + (unreadable == 0
                    ? ""
                    : ". Of \(unreadable) the case cannot be read any more: name it by its id (--hold), as `vestige hold list` shows it")
        case .holdUnsettled(let what):
            "it stands in the trail, but the vault could not be told: \(what). The next start does it, and the next erasure before it begins"
        case .noSlot:
            "a case stands in the slot of whoever decides, and this account has none: it is erased or has no id; nothing was done, act under another one"
        case .nothingToRedact: "no entry was named; nothing was redacted"
        case .tooManyToRedact(let count):
            "\(count) entries are more than one redaction takes, \(Redaction.countMax); nothing was redacted, divide them"
        case .unknownEntries(let seqs): "the trail has no entry \(RightsError.list(seqs)); nothing was redacted"
        case .bodiesGone(let seqs): "redacted or pruned already: \(RightsError.list(seqs)); nothing was redacted, leave it out"
        case .builtInEntry(let seq, let action):
            "entry \(seq) is \(action): what Vestige itself writes keeps its body, questions (audit) apart; nothing was redacted, leave it out"
        case .heldEntry(let seq):
            "a legal hold covers what entry \(seq) is about; nothing was redacted. `vestige hold list` shows it: release it first, or leave the entry out"
        case .redactionUnfinished(let what):
            "the redaction stands in the trail and is not carried out yet: \(what). The next start finishes it, or `vestige nightly`"
        case .archiveMissing:
            "the policy wants bodies kept in an archive before they go (retention.archive), and this program was given none; nothing was pruned"
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

    private static func list(_ seqs: [UInt64]) -> String {
        seqs.prefix(20).map { "\($0)" }.joined(separator: ", ") + (seqs.count > 20 ? " and \(seqs.count - 20) more" : "")
    }
}
