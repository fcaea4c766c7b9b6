/// Where entries are streamed to while they are recorded: headers and pseudonyms, and nothing of an actor that is not named here with a reason.
public struct SinkRule: Sendable, Equatable {
    /// The number that RFC 5612 keeps for documentation: nobody's.
    public static let documentationEnterprise: UInt32 = 32473

    public let destination: SinkDestination
    public let format: SinkFormat
    /// The private enterprise number (IANA) in syslog's structured data.
    public let enterprise: UInt32
    /// Only entries of these channels, `compliance` among those that can be named; `nil`: all.
    public let channels: [String]?
    /// What of an actor is opened; `nil`: nothing.
    public let actor: SinkActorRule?
}

/// What of an actor leaves opened, and why (GDPR Art. 5(1)(b), (c)).
public struct SinkActorRule: Sendable, Equatable {
    public enum Field: String, Sendable, CaseIterable {
        case id, name, email, ip
        case userAgent = "user_agent"
        case session
    }

    public let fields: [Field]
    public let because: String

    package init(fields: [Field], because: String) {
        self.fields = fields
        self.because = because
    }
}

public enum SinkFormat: String, Sendable, CaseIterable {
    case syslog, ocsf, ecs, cef, ndjson
}

/// `tcp://HOST:PORT`, `tls://HOST:PORT` or `file:///DIRECTORY`.
public enum SinkDestination: Sendable, Equatable, CustomStringConvertible {
    /// RFC 5424 over TCP, octet counting (RFC 6587 §3.4.1).
    case tcp(host: String, port: Int)
    /// RFC 5424 over TLS (RFC 5425).
    case tls(host: String, port: Int)
    /// Files in a directory, rotated.
    case file(directory: String)

    /// A literal IPv6 address stands in brackets. `nil` if it is none of the three forms.
    public init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let rest = text[mark.upperBound...]
        guard rest.utf8.count <= 1024, rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        switch text[..<mark.lowerBound] {
        case "file":
            guard rest.hasPrefix("/"), rest.count > 1, !rest.split(separator: "/").contains("..") else { return nil }
            self = .file(directory: String(rest))
        case let scheme where scheme == "tcp" || scheme == "tls":
            guard let colon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: colon)...]), port > 0 else { return nil }
            var host = rest[..<colon]
            if host.hasPrefix("["), host.hasSuffix("]") {
                host = host.dropFirst().dropLast()
                guard
                    host.utf8.allSatisfy({ $0 == 0x3A || $0 == 0x2E || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || Self.isHexLetter($0) }
                    )
                else { return nil }
            } else {
                guard host.utf8.allSatisfy({ $0 == 0x2D || $0 == 0x2E || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || Self.isLetter($0) })
                else { return nil }
            }
            guard !host.isEmpty, host.utf8.count <= 253 else { return nil }
            self = scheme == "tcp" ? .tcp(host: String(host), port: Int(port)) : .tls(host: String(host), port: Int(port))
        default: return nil
        }
    }

    public var description: String {
        switch self {
        case .tcp(let host, let port): "tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .tls(let host, let port): "tls://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .file(let directory): "file://\(directory)"
        }
    }

    private static func isHexLetter(_ byte: UInt8) -> Bool { (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) }
}
