/// Why a tree was not published. The checkpoint in the directory is still the one that was there before.
public enum PublishError: Error, Sendable, Equatable {
    case system(String, Int32)
    /// The directory holds something else than this trail's tree.
    case foreign(String)
    /// It holds more of this trail than the trail has.
    case larger(published: UInt64, size: UInt64)
    /// It holds another history of this trail.
    case forked(published: UInt64)
    case busy(String)
    /// Only what a witness cosigned was to be published.
    case notCosigned
}

extension PublishError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let operation, let code):
            "\(operation) failed with errno \(code); the published checkpoint is as it was. Mend that and publish again: it goes on where it stopped"
        case .foreign(let what): "\(what); nothing was published, give an empty directory or the one that this trail was published to"
        case .larger(let published, let size):
            "the directory holds this trail with \(published) entries, the trail has \(size): an older copy was put back; nothing was published. Run `vestige verify --against` with the published checkpoint"
        case .forked(let published):
            "the directory holds another history of this trail, up to \(published) entries; nothing was published. Keep both as evidence and run `vestige verify --against` with the published checkpoint"
        case .notCosigned: "no witness has cosigned a checkpoint yet; nothing was published, run `vestige witness submit` first"
        case .busy(let path): "somebody else is publishing to \(path) at this moment; nothing was published"
        }
    }
}
