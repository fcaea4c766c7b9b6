/// Why a document could not be made. Nothing stands under its name then.
public enum PaperError: Error, Sendable, Equatable {
    case drawing(String)
    case packing(String)
}

extension PaperError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .drawing(let what):
            "the PDF could not be made: \(what). Nothing was written; see that a font is installed and the disk has room"
        case .packing(let what): "the ZIP file could not be made: \(what). Nothing was written; see that the disk has room"
        }
    }
}
