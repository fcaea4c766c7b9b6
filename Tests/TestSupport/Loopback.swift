import Foundation

/// TCP to ports of this machine, without a client that would correct what is sent or hide what comes.
public enum Loopback {
    /// - Returns: the descriptor of a connected socket, which the caller closes.
    /// - Throws: `URLError(.cannotConnectToHost)`.
    public static func connect(port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let connected = withAddress(port: port) { Foundation.connect(descriptor, $0, $1) }
        guard descriptor >= 0, connected == 0 else {
            close(descriptor)
            throw URLError(.cannotConnectToHost)
        }
        return descriptor
    }

    fileprivate static func withAddress<Result>(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

/// A port at which nobody listens and that nobody else is given, as long as it is held. Whoever asks for it by its number, with
/// SO_REUSEADDR, may listen there meanwhile, and somebody else after them.
public final class ReservedPort: Sendable {
    public let port: Int
    private let descriptor: Int32

    /// - Throws: `URLError(.cannotConnectToHost)` if there is none.
    public init() throws {
        // SOCK_CLOEXEC has the value of O_CLOEXEC.
        let opened = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        descriptor = opened
        var yes: Int32 = 1
        var address = sockaddr_in()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound =
            setsockopt(opened, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0
            && Loopback.withAddress(port: 0) { bind(opened, $0, $1) } == 0
            && withUnsafeMutablePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(opened, $0, &byteCount) }
            } == 0
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound, port > 0 else { throw URLError(.cannotConnectToHost) }
    }

    deinit { close(descriptor) }
}
