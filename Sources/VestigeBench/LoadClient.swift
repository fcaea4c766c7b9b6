import Dispatch
import Foundation
import PeopleDirectory

/// What a client was answered.
struct LoadResult: Sendable {
    private(set) var answered = 0
    private(set) var failures = 0
    private(set) var latencies = Measures()
    private var duration = 0.0

    var perSecond: Double { duration == 0 ? 0 : Double(answered) / duration }

    init() {}

    init(latencies: [Double], failures: Int, duration: Double) {
        self.latencies.add(contentsOf: latencies)
        answered = latencies.count
        self.failures = failures
        self.duration = duration
    }

    /// Failures of a round that warms up count too.
    mutating func add(_ other: LoadResult, counting: Bool) {
        failures += other.failures
        guard counting else { return }
        answered += other.answered
        duration += other.duration
        latencies.add(contentsOf: other.latencies.seconds)
    }
}

/// A client of HTTP/1.1 over plain sockets: connections that stay open, one request under way on each, all in one thread.
struct LoadClient: Sendable {
    private static let readByteCount = 16 * 1024

    let port: Int
    let connections: Int

    func run(seconds: Double) async throws -> LoadResult {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "vestige.bench.client").async { continuation.resume(with: Result { try load(for: seconds) }) }
        }
    }

    private func load(for seconds: Double) throws -> LoadResult {
        var sockets = try (0..<connections).map { _ in try KeptConnection(port: port) }
        defer { for socket in sockets { socket.close() } }
        var random = SplitMix64(seed: PersonGenerator.standardSeed)
        var latencies: [Double] = []
        var failures = 0
        var buffer = [UInt8](repeating: 0, count: Self.readByteCount)
        let start = ContinuousClock.now
        let end = start + .seconds(seconds)
        for place in sockets.indices { try sockets[place].ask(person: 1 + random.below(PersonGenerator.personCount)) }
        var waiting = sockets.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        var now = start
        while now < end {
            guard poll(&waiting, nfds_t(waiting.count), 1000) > 0 else {
                throw BenchError.environment("the host gave no answer for a second")
            }
            for place in waiting.indices where waiting[place].revents != 0 {
                guard let status = try sockets[place].read(into: &buffer) else { continue }
                now = .now
                latencies.append((now - sockets[place].asked).inSeconds)
                if status != 200 { failures += 1 }
                try sockets[place].ask(person: 1 + random.below(PersonGenerator.personCount))
            }
        }
        return LoadResult(latencies: latencies, failures: failures, duration: (now - start).inSeconds)
    }
}

/// One connection with at most one request under way.
private struct KeptConnection {
    let descriptor: Int32
    private(set) var asked = ContinuousClock.now
    private var received: [UInt8] = []

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard descriptor >= 0, connected == 0 else { throw BenchError.environment("the host took no connection") }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    mutating func ask(person: Int) throws {
        let request = Array("GET /people/\(person) HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: vestige-bench\r\n\r\n".utf8)
        asked = .now
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchError.environment("the host closed a connection")
        }
    }

    /// The status, once the answer is whole.
    mutating func read(into buffer: inout [UInt8]) throws -> Int? {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw BenchError.environment("the host closed a connection") }
        received += buffer[..<count]
        guard let end = received.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A])?.lowerBound else { return nil }
        let head = String(decoding: received[..<end], as: UTF8.self).lowercased()
        guard let length = head.firstMatch(of: /content-length: *([0-9]+)/).flatMap({ Int($0.1) }), received.count >= end + 4 + length
        else {
            return nil
        }
        received.removeAll(keepingCapacity: true)
        return Int(head.dropFirst("http/1.1 ".count).prefix(3))
    }

    func close() {
        Foundation.close(descriptor)
    }
}
