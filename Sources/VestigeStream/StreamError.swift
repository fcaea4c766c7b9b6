/// Why entries did not reach a sink. The cursor stays where it was: what was sent since is sent again.
public enum StreamError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreachable(String)
    /// The receiver took nothing for this many seconds.
    case stalled(seconds: Int64)
    /// The receiver did not close after we had.
    case unconfirmed(seconds: Int64)
    /// The connection ended before everything was read.
    case cut(String)
    case badCertificates(String)
    case file(String)

    public var description: String {
        switch self {
        case .unreachable(let why): "the receiver cannot be reached: \(why)"
        case .stalled(let seconds): "the receiver took nothing for \(seconds) s; the connection is given up"
        case .unconfirmed(let seconds):
            "the receiver did not close its side within \(seconds) s after ours was closed, so nobody knows what it has read"
        case .cut(let why): "the connection ended before everything was read: \(why)"
        case .badCertificates(let why): "the certificates cannot be used: \(why); name readable PEM files"
        case .file(let why): why
        }
    }
}

extension Duration {
    var wholeSeconds: Int64 { components.seconds }
}
