import VestigePolicy

/// Why a data directory was not made, opened, copied or recovered. Unless the text says otherwise, nothing was changed.
public enum LocalError: Error, Sendable, Equatable {
    case missing(String)
    case missingTrail(String)
    case missingVault(String)
    case alreadyThere(String)
    case unusable(String)
    case noPolicy
    /// Another policy than the adopted one was given.
    case otherPolicy(given: String, adopted: String)
    case damagedPolicy
    case emptyVault
    case otherVault
    case olderTrail(size: UInt64, seen: UInt64)
    /// The trail is long enough, and its first entries are not those that the vault has seen.
    case otherHistory(seen: UInt64)
    /// The page by which processes tell each other of erasures cannot be used; the text says why and what to do.
    case epochPage(String)

    /// One of the checkpoints to compare with says nothing of this trail; `place` counts from 0.
    case noCheckpointOfThis(place: Int, why: String)

    // Keys
    /// The keyring's directory is not there.
    case missingKeyring(String)
    /// No signing key in it.
    case missingSigningKey(String)
    /// The vault stands under a KEK that a rotation destroyed; the keyring's newest is `newest`.
    case vaultBeforeRotation(kek: UInt32, newest: UInt32)
    /// The vault stands under a KEK that the keyring does not have; `newest` is what it has, if any.
    case missingKEK(id: UInt32, newest: UInt32?)

    /// Another run of retention is under way.
    case pruning

    // Backups and recovery
    /// No backup was made; the text says why and what to do.
    case backup(String)
    /// Nothing was recovered; the text says why and what to do.
    case recovery(String)
    /// A recovery has begun to put files in their places and did not come to its end.
    case recoveryCutShort
    /// An older trail that the present one goes on from is not there.
    case missingOlderTrail(String)
    /// Another file bears the name of an older trail.
    case otherOlderTrail(String)
    case damagedSuccession
    /// An older trail was asked for that there is not.
    case noSuchTrail(Int, known: [Int])

    // Sinks
    /// The policy has no such sink.
    case noSuchSink(String, known: [String])
    /// Another process streams to this sink.
    case otherStream(String)
}

extension LocalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let path): "there is no data directory at \(path); run `vestige init --policy FILE`, or give --data"
        case .missingTrail(let path):
            "\(path) holds no trail.sqlite; nothing was opened, and nothing is recorded without one. If the newest copy of the trail is at hand, "
                + "put it there; if only an older one is left, run `vestige recover --from DIR --case REF`"
        case .missingVault(let path):
            "\(path) holds no vault.sqlite; nothing was opened. Put back the newest backup of the vault: the trail's erasures are carried out "
                + "again at the start. Without one, who stands behind a pseudonym and what is sealed is lost for good"
        case .alreadyThere(let path): "\(path) is not empty; nothing was written, give another --data"
        case .unusable(let what), .epochPage(let what), .backup(let what), .recovery(let what): what
        case .pruning: "another run of retention is under way on this data directory, in this process or another; nothing was done here"
        case .noPolicy: "the trail has no adopted policy: its first entry is missing; run `vestige verify`"
        case .otherPolicy(let given, let adopted):
            "the policy given (\(given.prefix(12))…) is not the adopted one (\(adopted.prefix(12))…); adopt it first with `vestige policy adopt FILE`"
        case .damagedPolicy: "the adopted policy's entry is not what was recorded; run `vestige verify`"
        case .emptyVault:
            "vault.sqlite holds no vault, and there is a trail beside it; nothing was opened, since a new vault would know nobody. Put back the "
                + "newest backup of the vault: the trail's erasures are carried out again at the start"
        case .otherVault:
            "vault and trail do not belong together; nothing was opened. Put back the pair that was made together: the manifests beside the "
                + "backups name the trail"
        case .olderTrail(let size, let seen):
            "the trail has \(size) entries, the vault has seen \(seen): an older copy of the trail was put back; nothing was opened, since "
                + "erasures could be missing from it. Put back the newest copy; if that is lost, run `vestige recover --from DIR --case REF`"
        case .otherHistory(let seen):
            "the trail's first \(seen) entries are not those that the vault has seen: an older copy of the trail was put back once and went on, so "
                + "there is another history; nothing was opened, since erasures of one could be missing from the other. Put back the vault that "
                + "went with this trail, or the trail that went with this vault: size and root stand in the manifests beside the backups. If that "
                + "trail is lost, run `vestige recover --from DIR --case REF`, and erase again whom your case files name"
        case .missingKeyring(let path):
            "\(path) is missing: the keyring; nothing was opened. Name the right one (--keyring), or put it back from its sealed copy. Without the "
                + "key-encryption key, what is sealed and who stands behind a pseudonym is lost for good; no command brings it back"
        case .missingSigningKey(let path):
            "\(path) is missing: the trail's signing key; nothing was opened, and nothing can be recorded without it. Put it back from the sealed "
                + "copy of the keyring; if there is none, run `vestige recover --from DIR --case REF --vkey KEY` with the trail's verifier key, "
                + "which opens a new trail with a new key"
        case .vaultBeforeRotation(let kek, let newest):
            "the vault is a copy from before the last rotation: key-encryption key \(kek) is not in the keyring, whose newest is \(newest); "
                + "nothing was opened, and nothing in this copy can be. Put back a backup of the vault that was made after the rotation (`kek` in its manifest)"
        case .missingKEK(let id, let newest):
            "key-encryption key \(id) is not in the keyring\(newest.map { ", whose newest is \($0): an older copy of it" } ?? ""); nothing was "
                + "opened and nothing was changed. Put it back from the sealed copy of the keyring made after the last rotation. Without it, what "
                + "is sealed and who stands behind a pseudonym is lost for good; no command brings it back. Headers, tree and checkpoints still verify"
        case .recoveryCutShort:
            "a recovery was cut short; nothing was opened. Run `vestige recover` again as before: it goes on where it stopped"
        case .missingOlderTrail(let name):
            "\(name) is missing: the trail goes on from it, and its erasures are looked at in each start; nothing was opened. Put it back from a "
                + "backup of the trail, where it stands under the same name"
        case .otherOlderTrail(let name):
            "\(name) is not the trail that this one goes on from; nothing was opened. Put it back from a backup of the trail, where it stands under "
                + "the same name"
        case .noSuchTrail(let number, let known):
            "there is no older trail \(number); \(known.isEmpty ? "this is the first trail" : "known are \(known.map(String.init).joined(separator: ", "))")"
        case .noSuchSink(let name, let known):
            "the adopted policy has no sink \"\(Code.isWellFormed(name) ? name : "…")\"; "
                + (known.isEmpty ? "it has none: name one under `sinks` and adopt it" : "known are \(known.joined(separator: ", "))")
        case .otherStream(let name):
            "another process streams to \(name) as well and has moved its cursor on; this one stops. Nothing is lost, some entries may arrive twice"
        case .noCheckpointOfThis(let place, let why):
            "number \(place + 1) of the checkpoints to compare with is not a checkpoint of this trail (\(why)); nothing was verified"
        case .damagedSuccession: "the first entry of the trail is not what was recorded; nothing was opened, run `vestige verify`"
        }
    }
}
