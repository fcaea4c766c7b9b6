/// Why the trail did not do what was asked. No message holds anything of an entry but its place.
public enum TrailError: Error, Sendable, Equatable {
    case malformedJSON(expected: String, offset: Int)
    case malformedPayload(offset: Int)
    case malformedNote(String)
    case malformedProof(String)
    case malformedVerifierKey(String)
    case malformedWitnessKey(String)
    case badSignature(name: String)
    case entryTooLarge(byteCount: Int)
    case missingLeaves(first: UInt64, count: Int)
    /// The stored tree and the newest checkpoint do not agree; the trail takes nothing more.
    case inconsistent(String)
    case notFound(seq: UInt64)
    /// A tree larger than the trail was asked about.
    case beyond(size: UInt64, asked: UInt64)
    /// The file is not a trail, or not of this version.
    case foreignFile(String)
    case alreadyExists
    /// The signing key was changed by somebody else at the same time.
    case keyChanged
    case clockAhead(days: Int64)
    /// The store failed; nothing of the batch has a receipt, and the same call may succeed later.
    case storage(String)
    /// A sync failed: nobody knows what the disk holds. The trail takes nothing more until it was opened again.
    case unconfirmed(String)
    case closed

    static let otherSizeThanRow = TrailError.inconsistent("the newest checkpoint is of another size than its row")
    /// Whoever raised it would have everything that comes next recorded then, and time told by it.
    static let otherTimeThanRow = TrailError.inconsistent("the row of the newest checkpoint is of another time than the newest entry")
}

extension TrailError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedJSON(let expected, let offset):
            "not a header or slot of the trail: expected \(expected) at byte \(offset); nothing was read from it"
        case .malformedPayload(let offset): "not a payload of the trail: it breaks off at byte \(offset); nothing was read from it"
        case .malformedNote(let what): "not a signed checkpoint: \(what)"
        case .malformedProof(let what): "not a proof of inclusion: \(what)"
        case .malformedVerifierKey(let what): "not a verifier key: \(what); `vestige status` prints the trail's"
        case .malformedWitnessKey(let what): "not a witness's key: \(what); its operator publishes it as name+key id+key"
        case .badSignature(let name):
            "the checkpoint is not signed by \(name): it was forged or damaged, or this is not the key that signed it, which may have been changed since"
        case .entryTooLarge(let count):
            "the entry has \(count) bytes sealed, at most \(SealedEntry.byteCountMax) are kept; nothing was written, shorten it"
        case .missingLeaves(let first, let count):
            "the tree lacks hashes in a run of \(count) from \(first): the trail's file is damaged; run `vestige verify`"
        case .inconsistent(let what):
            "\(what); nothing was written. Run `vestige verify`, keep the file as evidence and restore from a backup"
        case .notFound(let seq): "the trail has no entry \(seq)"
        case .beyond(let size, let asked):
            "the trail has \(size) entries, fewer than \(asked): nothing is shown about a tree that it never had"
        case .foreignFile(let what): what
        case .keyChanged: "another process changed the signing key at the same time; nothing was written"
        case .alreadyExists: "there is a trail already; nothing was written"
        case .clockAhead(let days):
            "the clock is \(days) days ahead of the newest entry, which is over \(Trail.clockAheadDaysMax): set the clock, or open with --accept-clock if it is right"
        case .storage(let what):
            "the trail could not be read or written: \(what); no entry of this call has a receipt, see that the disk is sound and has room, then try again"
        case .unconfirmed(let what):
            "the disk did not confirm what was written (\(what)), so nobody knows what it holds: the trail takes nothing more; entries without a receipt may or may not stand in it. See that the disk is sound, then start every process on this data directory anew: the first opening puts the log on the disk once more and checks the end of the trail"
        case .closed: "the trail is closed"
        }
    }
}
