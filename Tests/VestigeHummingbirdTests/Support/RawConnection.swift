import Foundation
import TestSupport

/// One connection of HTTP/1.1 over a plain socket, which can be dropped at any moment. It blocks: use it on a thread of its own.
final class RawConnection {
    struct Answer: Sendable, Equatable {
        var status: Int
        var text: String
        /// The body came to its end; a cut one did not.
        var isWhole: Bool
    }

    struct Failed: Error {
        let what: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private var isOpen = true

    init(port: Int) throws {
        descriptor = try Loopback.connect(port: port)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var limit = timeval(tv_sec: 180, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { drop() }

    /// Goes away without a word; what was answered and not read is lost.
    func drop() {
        guard isOpen else { return }
        isOpen = false
        close(descriptor)
    }

    /// Sends a whole request.
    func send(_ method: String, _ path: String, headers: [String: String] = [:], body: String = "") throws {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        let bytes = Array("\(text)\r\n\(body)".utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failed(what: "the request was not taken") }
            sent += count
        }
    }

    /// The status and the headers of the answer, names in lower case.
    func readHead() throws -> (status: Int, headers: [String: String]) {
        let end: Int
        while true {
            if let found = received.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) {
                end = found.lowerBound
                break
            }
            guard try readMore() else { throw Failed(what: "closed before the answer") }
        }
        let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
        received.removeFirst(end + 4)
        guard let status = lines.first.flatMap({ Int($0.dropFirst("HTTP/1.1 ".count).prefix(3)) }) else { throw Failed(what: "no status") }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        return (status, headers)
    }

    /// The whole answer.
    ///
    /// - Parameter count: Gives up the rest of the body once so many of its bytes are there.
    func readAnswer(toHEAD: Bool = false, upTo count: Int = .max) throws -> Answer {
        let head = try readHead()
        if toHEAD { return Answer(status: head.status, text: "", isWhole: true) }
        let body: [UInt8]
        let isWhole: Bool
        if let length = head.headers["content-length"].flatMap({ Int($0) }) {
            while received.count < length, try readMore() {}
            isWhole = received.count >= length
            body = Array(received.prefix(length))
            received.removeFirst(body.count)
        } else {
            (body, isWhole) = try readChunks(upTo: count)
        }
        return Answer(status: head.status, text: String(decoding: body, as: UTF8.self), isWhole: isWhole)
    }

    private func readChunks(upTo count: Int) throws -> ([UInt8], isWhole: Bool) {
        var body: [UInt8] = []
        while body.count < count {
            guard let line = try through([0x0D, 0x0A]), let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else {
                return (body, false)
            }
            while received.count < size + 2 {
                guard try readMore() else { return (body + received.prefix(size), false) }
            }
            body += received.prefix(size)
            received.removeFirst(size + 2)
            if size == 0 { return (body, true) }
        }
        return (body, false)
    }

    private func through(_ mark: [UInt8]) throws -> [UInt8]? {
        while true {
            if let found = received.firstRange(of: mark) {
                defer { received.removeFirst(found.upperBound) }
                return Array(received[..<found.lowerBound])
            }
            guard try readMore() else { return nil }
        }
    }

    /// False once the other end has closed.
    private func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN { throw Failed(what: "no answer for three minutes") }
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}

/// Runs what blocks on a thread of its own, away from those that tasks and queues share.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
