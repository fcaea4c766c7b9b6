import Foundation
import Synchronization
import TestSupport
import Testing

@testable import VestigeServer

@Suite("Clients that are slow, large or many")
struct ConnectionTests {
    private static var hasty: ServiceConfiguration {
        var configuration = ServiceHost.anyPort
        configuration.headSeconds = 1
        configuration.bodySeconds = 1
        configuration.idleSeconds = 1
        configuration.requestsPerMinute = 1_000_000
        return configuration
    }

    /// What hostile clients begin with, and what they send every now and then from there on.
    private static let hostile: [(name: String, first: String, then: String)] = [
        ("says nothing", "", ""), ("drips nonsense", "", "x"), ("drips a request line", "GET /health HT", "T"),
        ("drips headers", "GET /health HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"),
        ("drips one header", "GET /health HTTP/1.1\r\nHost: x\r\nX-A: ", String(repeating: "b", count: 100)),
        ("drips a body", "POST /v1/record HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{", "x"),
        ("drips chunks", "POST /v1/record HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("speaks TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "\u{0}"),
    ]

    @Test("two hundred slow and hostile clients are closed in time, and others are served meanwhile as if they were not there")
    func slow() async throws {
        let host = try await ServiceHost()
        let (dpo, recorder) = (host.secrets["dpo"], host.secrets["host"])
        try await host.serve(Self.hasty) { client in
            let slow = try (0..<200).map { number in
                let socket = try Socket(port: client.port, sending: Self.hostile[number % Self.hostile.count].first)
                // Half open: it will send nothing more and waits for an answer.
                if number % 3 == 0 { socket.endSending() }
                return socket
            }
            let ended = Deadline()
            async let served = Self.ask(client, dpo, recorder, until: ended)
            let areClosed = try await eventually {
                for (number, socket) in slow.enumerated() { socket.trickle(Self.hostile[number % Self.hostile.count].then) }
                try await Task.sleep(for: .milliseconds(200))
                return slow.allSatisfy(\.isClosed)
            }
            ended.pass()
            #expect(areClosed)
            let count = try await served
            #expect(count >= 20, "\(count) requests of others were answered")
        }
    }

    /// Asks and records one after the other, each with the answer that it would get on any day.
    private static func ask(_ client: ServiceClient, _ dpo: String?, _ recorder: String?, until ended: Deadline) async throws -> Int {
        var count = 0
        while !ended.isPast || count < 20 {
            switch count % 3 {
            case 0: #expect(try await patiently { try await client.get("/health") }.status == 200)
            case 1:
                let views = try await patiently {
                    try await client.with(dpo).post("/v1/who-viewed", AccessMatrixTests.bodies["whoViewed"] ?? "")
                }
                #expect(views.status == 200)
            default:
                let receipt = try await patiently {
                    try await client.with(recorder).post("/v1/record", AccessMatrixTests.bodies["record"] ?? "")
                }
                #expect(receipt.status == 200)
            }
            count += 1
        }
        return count
    }

    /// On a busy machine an honest client may be too slow for a second, too: it asks again, as any would.
    private static func patiently(_ ask: () async throws -> ServiceClient.Answer) async throws -> ServiceClient.Answer {
        let end = ContinuousClock.now + .seconds(180)
        while true {
            do { return try await ask() } catch let error as URLError {
                guard ContinuousClock.now < end else { throw error }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test("who asks for much and takes nothing of it is closed, and holds no others up")
    func neverReading() async throws {
        let host = try await ServiceHost()
        let document = try await host.serve { try await $0.get("/openapi.json").bytes.count }
        let asked = 400
        try await host.serve(Self.hasty) { client in
            let greedy = try (0..<20).map { _ in
                try Socket(
                    port: client.port, sending: String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", count: asked))
            }
            // Much longer than an answer may lie about.
            for _ in 0..<100 {
                #expect(try await Self.patiently { try await client.get("/health") }.status == 200)
                try await Task.sleep(for: .milliseconds(100))
            }
            for socket in greedy {
                let count = try await socket.drained()
                #expect(count < asked * document, "it was closed before it had everything")
            }
            #expect(try await Self.patiently { try await client.get("/health") }.status == 200)
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

/// Passed once.
private final class Deadline: Sendable {
    private let past = Mutex(false)

    var isPast: Bool { past.withLock { $0 } }
    func pass() { past.withLock { $0 = true } }
}

/// A bare connection, never waited for by a blocking call.
final class Socket: Sendable {
    private let descriptor: Int32
    private let isOpen = Mutex(true)

    init(port: Int, sending text: String) throws {
        descriptor = try Loopback.connect(port: port)
        trickle(text)
    }

    deinit { close() }

    func trickle(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) }
    }

    /// Half open from here on.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the other end has closed.
    ///
    /// - Returns: how many bytes came.
    func drained() async throws -> Int {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var total = 0
        let end = ContinuousClock.now + .seconds(180)
        while ContinuousClock.now < end {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                total += count
            } else if count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK) {
                return total
            } else {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        return .max
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
        _ = try await eventually { !received.isEmpty }
        return received
    }

    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen { Foundation.close(descriptor) }
    }
}
