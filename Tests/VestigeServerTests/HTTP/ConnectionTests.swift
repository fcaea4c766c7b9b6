import Foundation
import Synchronization
import Testing

@testable import VestigeServer

@Suite("Clients that are slow, large or many")
struct ConnectionTests {
    private static var hasty: ServiceConfiguration {
        var configuration = ServiceHost.anyPort
        configuration.headSeconds = 1
        configuration.bodySeconds = 1
        configuration.idleSeconds = 1
        return configuration
    }

    @Test("two hundred that send a byte now and then are closed, and others are served meanwhile")
    func slow() async throws {
        let host = try await ServiceHost()
        try await host.serve(Self.hasty) { client in
            let slow = try (0..<200).map { number in
                // Nothing at all; half a head; a head and half a body.
                let text = ["", "GET /health HT", "POST /v1/record HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"][number % 3]
                return try Socket(port: client.port, sending: text)
            }
            for _ in 0..<20 { #expect(try await client.get("/health").status == 200) }
            let end = ContinuousClock.now + .seconds(60)
            var open = slow.count
            while open > 0, ContinuousClock.now < end {
                for socket in slow { socket.trickle("x") }
                try await Task.sleep(for: .milliseconds(200))
                open = slow.count { !$0.isClosed }
            }
            #expect(open == 0)
            #expect(try await client.get("/health").status == 200)
        }
    }

    @Test("headers over the limit are refused")
    func headers() async throws {
        let host = try await ServiceHost()
        try await host.serve { client in
            let socket = try Socket(
                port: client.port, sending: "GET /health HTTP/1.1\r\nHost: x\r\nX-Long: \(String(repeating: "a", count: 20_000))\r\n\r\n")
            #expect(try await socket.answer().hasPrefix("HTTP/1.1 400"))
            let many = (0..<100).map { "X-\($0): 1\r\n" }.joined()
            let other = try Socket(port: client.port, sending: "GET /health HTTP/1.1\r\nHost: x\r\n\(many)\r\n")
            #expect(try await other.answer().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test("connections over the limit wait until another one is closed")
    func connections() async throws {
        let host = try await ServiceHost()
        var configuration = ServiceHost.anyPort
        configuration.connectionCountMax = 2
        try await host.serve(configuration) { client in
            let first = try Socket(port: client.port, sending: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            let second = try Socket(port: client.port, sending: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await first.answer().hasPrefix("HTTP/1.1 200"))
            #expect(try await second.answer().hasPrefix("HTTP/1.1 200"))
            let third = try Socket(port: client.port, sending: "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            try await Task.sleep(for: .milliseconds(300))
            #expect(third.received.isEmpty)
            first.close()
            #expect(try await third.answer().hasPrefix("HTTP/1.1 200"))
        }
    }
}

/// A bare connection, never waited for by a blocking call.
final class Socket: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    init(port: Int, sending text: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let descriptor = descriptor
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw URLError(.cannotConnectToHost) }
        trickle(text)
    }

    deinit { close() }

    func trickle(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    }

    /// What is there now; empty where nothing is.
    var received: String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT) | Int32(MSG_PEEK))
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }

    /// Closed by the other end, be it in order or reset.
    var isClosed: Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EWOULDBLOCK
    }

    func answer() async throws -> String {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            let text = received
            if !text.isEmpty { return text }
            try await Task.sleep(for: .milliseconds(20))
        }
        return ""
    }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { Foundation.close(descriptor) }
    }
}
