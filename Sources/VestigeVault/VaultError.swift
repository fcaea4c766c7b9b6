public import VestigeCrypto

/// What the vault refuses. No message holds a person's type, id or pseudonym.
public enum VaultError: Error, Equatable, Sendable, CustomStringConvertible {
    case invalidSubjectType
    case invalidSubjectID(byteCount: Int)
    /// A field's name that is empty or too long.
    case invalidField
    /// A value that no blind index takes.
    case invalidIndexValue(byteCount: Int)
    /// A visitor month that is not `YYYY-MM`.
    case invalidMonth
    /// ``Vault/create(store:keyring:trail:now:board:slabCapacity:)`` on a store that holds a vault already.
    case storeNotEmpty
    /// ``Vault/open(store:keyring:now:board:slabCapacity:)`` on a store that holds none.
    case storeEmpty
    /// The KEK of the keyring is not the one that this vault was sealed under.
    case wrongKEK(id: UInt32)
    /// A row was to be written under a KEK that is no longer the current one; nothing was written.
    case kekChanged(current: UInt32)
    /// The keyring has no KEK of this id, and something stands under it.
    case kekMissing(id: UInt32)
    /// Rows that do not open under their KEK, so that it cannot be given up; everything else was rewrapped.
    case rowsUnreadable(count: Int)
    case keyring(KeyringProblem)
    /// The key is not in locked memory, or not certain to be current: call `load` and seal again.
    case keyNotLoaded
    /// No key row bears this pseudonym.
    case unknownPseudonym
    /// The pseudonym belongs to another role.
    case wrongRole
    /// A slot does not open: damaged, moved, or sealed under another key.
    case slotDamaged
    /// Bytes that are no sealed value, or one that is of another type.
    case valueDamaged
    /// A host value does not open under the person's key: sealed before they were erased and came back, moved to another person, field or
    /// vault, or changed. Which of these cannot be told, since the key that it was sealed under may be gone.
    case valueUnderAnotherKey
    /// A host value cannot be written as JSON.
    case valueNotEncodable
    /// The person is erased, being erased or fenced; nothing was sealed, indexed or linked for them.
    case personErased
    /// Two identifiers were to be linked that have keys of their own.
    case bothHaveKeys
    /// An identifier was to be linked to itself.
    case linkedToItself
    /// A row of the vault does not open or contradicts another one.
    case rowDamaged(String)
    /// A legal hold protects this person; nothing was written.
    case held
    /// The erasure is not at the step that this call needs.
    case erasureOutOfStep
    /// After the keys were destroyed something still opens.
    case stillOpens
    /// The vault kept changing while it was read.
    case unsettled
    case crypto(CryptoError)

    public var description: String {
        switch self {
        case .invalidSubjectType:
            "a subject's type is not a code ([A-Za-z0-9][A-Za-z0-9._:-]{0,63}); nothing was looked up, use the type that the policy declares"
        case .invalidSubjectID(let count):
            "a subject's id has \(count) bytes, allowed are 1 to \(SubjectID.idByteCountMax); nothing was looked up, pass the record's own id"
        case .invalidField:
            "a field's name has 1 to \(SealedValue.fieldByteCountMax) bytes; nothing was sealed, opened or looked up, pass a name like user.email"
        case .invalidIndexValue(let count):
            "a value for the blind index has \(count) bytes, allowed are 1 to \(Vault.indexValueByteCountMax); nothing was indexed or looked up"
        case .invalidMonth:
            "a visitor month is not of the form YYYY-MM; nothing was looked up, pass the calendar month in UTC"
        case .storeNotEmpty:
            "this store already holds a vault; nothing was written, open it instead"
        case .storeEmpty:
            "this store holds no vault; nothing was opened, restore a backup or run vestige init"
        case .wrongKEK(let id):
            "key-encryption key \(id) of the keyring does not open this vault: wrong KEK; nothing was opened, use the keyring it was made with"
        case .kekChanged(let current):
            "the current key-encryption key is now \(current); nothing was written, wrap again under it"
        case .kekMissing(let id):
            "key-encryption key \(id) is not in the keyring, and this vault has rows under it; what stands under it was not opened and nothing was changed. Put it back from the sealed copy of the keyring; a backup of the vault from before the last rotation opens no more, restore a newer one"
        case .rowsUnreadable(let count):
            "\(count) rows of the vault do not open under their key-encryption key; all others were rewrapped, the old key was kept. Run vestige verify and restore the vault from its newest backup, or erase whom they belong to, then rotate again"
        case .keyring(let problem):
            problem.description
        case .keyNotLoaded:
            "the key is not in locked memory; nothing was sealed, load it and try again"
        case .unknownPseudonym:
            "no key bears this pseudonym; nothing was opened, check that trail and vault belong together"
        case .wrongRole:
            "this pseudonym belongs to another role; nothing was done, pass the role it was admitted with"
        case .slotDamaged:
            "a slot does not open at this place; it was damaged, moved or sealed under another key, run vestige verify"
        case .valueDamaged:
            "these bytes are no sealed value, or one of another type; nothing was handed out, read it as the type that was sealed"
        case .valueUnderAnotherKey:
            "a sealed value does not open under this person's present key: it was sealed before they were erased and readmitted, or for another person, field or vault, or it was changed; nothing was handed out. If they came back, write their row anew or delete it"
        case .valueNotEncodable:
            "a value cannot be written as JSON; nothing was sealed, make its type encodable without conditions"
        case .personErased:
            "this person is erased or still fenced; nothing was written, readmit them first if they really return"
        case .bothHaveKeys:
            "both identifiers have keys of their own, so they were two people until now; nothing was linked, erase the one that is not needed, readmit it and link again"
        case .linkedToItself:
            "both identifiers are the same; nothing was linked, name two"
        case .rowDamaged(let row):
            "a \(row) row of the vault is damaged; nothing was done with it, restore the vault from its newest backup"
        case .held:
            "a legal hold protects this person; nothing was erased, release the hold first"
        case .erasureOutOfStep:
            "this erasure is not at the step that was asked for; nothing was done, resume it from the pending erasures"
        case .stillOpens:
            "a key still opens after it was destroyed; the erasure is not complete, stop every process on this vault and resume it"
        case .unsettled:
            "the vault kept changing while it was read; nothing was handed out, try again"
        case .crypto(let error):
            error.description
        }
    }
}

/// What is wrong with a keyring. Paths are named, contents never.
public enum KeyringProblem: Error, Equatable, Sendable, CustomStringConvertible {
    case missing(path: String)
    case exists(path: String)
    case notADirectory(path: String)
    case notAFile(path: String)
    case wrongOwner(path: String)
    /// Others may read it; `mode` is what to set.
    case openToOthers(path: String, mode: String)
    case wrongFormat(path: String, expected: String)
    case unreadable(path: String, errno: Int32)
    case unwritable(path: String, errno: Int32)
    case commandFailed(program: String, reason: String)
    /// A rotation needs a newer KEK than the vault's, and this keyring cannot make one.
    case noNewKEK(program: String, current: UInt32)
    /// The newest KEK is never destroyed.
    case newest(path: String)
    /// A keyring that is no ``RotatingKeyring``.
    case fixed

    public var description: String {
        switch self {
        case .missing(let path): "\(path) is missing; no key was read, restore the keyring or name the right one (--keyring)"
        case .exists(let path): "\(path) exists already; no key was written, choose another directory"
        case .notADirectory(let path): "\(path) is not a directory; no key was read, name the keyring's directory (--keyring)"
        case .notAFile(let path): "\(path) is not a plain file; no key was read, put the key file itself there"
        case .wrongOwner(let path): "\(path) belongs to another account; no key was read, run: chown \"$(id -un)\" '\(path)'"
        case .openToOthers(let path, let mode): "\(path) is open to other accounts; no key was read, run: chmod \(mode) '\(path)'"
        case .wrongFormat(let path, let expected): "\(path) is not of the form \"\(expected)\"; no key was read, restore it from its backup"
        case .unreadable(let path, let code): "\(path) cannot be read (errno \(code)); no key was read, check the path and the account"
        case .unwritable(let path, let code):
            "\(path) cannot be written (errno \(code)); no key was written, check the disk and the account"
        case .commandFailed(let program, let reason): "\(program) printed no key: \(reason); no key was read, run it by hand"
        case .noNewKEK(let program, let current):
            "\(program) prints no key-encryption key newer than \(current); nothing was rotated, make it print a second line with a higher id beside the old one"
        case .newest(let path): "\(path) is the newest key-encryption key; it was not destroyed, rotate first"
        case .fixed: "this keyring cannot rotate; nothing was changed, use a keyring in files or a command that prints a newer key"
        }
    }
}
