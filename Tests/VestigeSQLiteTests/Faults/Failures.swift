import CFaultyVFS
import Testing
import VestigeSQLite
import VestigeTrail
import VestigeVault

/// Ways in which a disk fails, and what must be said about each.
enum Failures {
    struct Kind: Sendable, CustomTestStringConvertible {
        let operation: faulty_operation
        let reason: faulty_reason
        let lasting: Bool

        var testDescription: String {
            "\(Failures.name(operation)) \(reason == FAULTY_ENOSPC ? "ENOSPC" : "EIO")\(lasting ? ", from then on" : ", once")"
        }
    }

    /// A full disk stays full until somebody makes room; a broken one may fail once or for good.
    static let kinds: [Kind] = [
        Kind(operation: FAULTY_SYNC, reason: FAULTY_EIO, lasting: false), Kind(operation: FAULTY_SYNC, reason: FAULTY_EIO, lasting: true),
        Kind(operation: FAULTY_WRITE, reason: FAULTY_ENOSPC, lasting: true),
        Kind(operation: FAULTY_WRITE, reason: FAULTY_ENOSPC, lasting: false),
        Kind(operation: FAULTY_WRITE, reason: FAULTY_EIO, lasting: false), Kind(operation: FAULTY_WRITE, reason: FAULTY_EIO, lasting: true),
        Kind(operation: FAULTY_TRUNCATE, reason: FAULTY_EIO, lasting: false),
        Kind(operation: FAULTY_TRUNCATE, reason: FAULTY_EIO, lasting: true),
        Kind(operation: FAULTY_OPEN, reason: FAULTY_ENOSPC, lasting: false),
        Kind(operation: FAULTY_OPEN, reason: FAULTY_ENOSPC, lasting: true),
        Kind(operation: FAULTY_DELETE, reason: FAULTY_EIO, lasting: false),
        Kind(operation: FAULTY_DELETE, reason: FAULTY_EIO, lasting: true),
        Kind(operation: FAULTY_READ, reason: FAULTY_EIO, lasting: false),
        Kind(operation: FAULTY_MEMORY, reason: FAULTY_ENOSPC, lasting: false),
        Kind(operation: FAULTY_MEMORY, reason: FAULTY_ENOSPC, lasting: true),
    ]

    static func name(_ operation: faulty_operation) -> String {
        switch operation {
        case FAULTY_OPEN: "open"
        case FAULTY_READ: "read"
        case FAULTY_WRITE: "write"
        case FAULTY_TRUNCATE: "truncate"
        case FAULTY_SYNC: "sync"
        case FAULTY_DELETE: "delete"
        case FAULTY_MEMORY: "memory"
        default: "nothing"
        }
    }

    /// The places to fail at, one after another: all of them in a full campaign, else the first ones and then ever fewer.
    static func next(after nth: Int) -> Int { Campaign.isFull || nth < 6 ? nth + 1 : nth + nth / 2 }

    /// How the power goes that is lost once the failure was dealt with.
    static func losses(after nth: Int) -> [faulty_loss] {
        Campaign.isFull ? [FAULTY_LOSS_ALL, FAULTY_LOSS_SECTORS] : [nth % 2 == 0 ? FAULTY_LOSS_ALL : FAULTY_LOSS_SECTORS]
    }

    static func isUnconfirmed(_ error: any Error) -> Bool {
        if case .unconfirmed? = error as? TrailError { return true }
        if case .unconfirmed? = error as? SQLiteStoreError { return true }
        return false
    }

    /// In a module's own words, with what happened and what to do.
    static func isClear(_ error: any Error) -> Bool {
        guard error is TrailError || error is SQLiteStoreError || error is VaultError else { return false }
        let text = "\(error)"
        let advice = ["try again", "see that", "See that", "restore", "run `vestige"]
        return text.count > 40 && advice.contains(where: text.contains)
    }
}
