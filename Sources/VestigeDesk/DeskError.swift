/// Why a document was not written. No message holds a collection, a key or contents.
public enum DeskError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The document is at another version by now; `nil`: there is none.
    case conflict(current: UInt64?)
    case invalidName(byteCount: Int)
    case tooLarge(byteCount: Int)

    public var description: String {
        switch self {
        case .conflict(let current?):
            "somebody else changed this document, it is at version \(current); nothing was written, read it and try again"
        case .conflict(nil): "there is no such document any more; nothing was written, read it and try again"
        case .invalidName(let count):
            "a collection or key has \(count) bytes, allowed are 1 to \(DeskLimits.nameByteCountMax); nothing was written, use another name"
        case .tooLarge(let count):
            "a document has \(count) bytes, at most \(DeskLimits.contentByteCountMax) are kept; nothing was written, split it"
        }
    }
}
