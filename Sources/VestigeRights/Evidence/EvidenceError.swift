/// Why a pack could not be made.
public enum EvidenceError: Error, Sendable, Equatable {
    case unwritable(name: String, errno: Int32)
    case emptyPeriod
    /// The pack's two checkpoints are not signed by one key.
    case keyChanged
}

extension EvidenceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unwritable(let name, let code):
            "\(name) of the pack could not be written (errno \(code)); there is no pack, see that the folder may be written and has room"
        case .emptyPeriod: "the period ends before it begins; nothing was taken out"
        case .keyChanged: "the signing key was changed while the pack was made; there is no pack, take it out again"
        }
    }
}
