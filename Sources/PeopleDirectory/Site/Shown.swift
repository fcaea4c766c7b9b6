import VestigeCore

extension Sealed {
    /// The value, or why there is none, for whoever reads a page or a file.
    var shown: String {
        switch state {
        case .open: value.map { "\($0)" } ?? ""
        case .erased: "[erased]"
        case .unreadable: "[unreadable]"
        // A page that shows what it did not ask for.
        case .closed: "[sealed]"
        }
    }
}
