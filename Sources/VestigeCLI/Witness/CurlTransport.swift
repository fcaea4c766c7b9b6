import CSpawn
import Foundation
import VestigeCore
import VestigeLocal

/// Requests to witnesses by the program `curl`, which brings TLS, proxies and the system's certificates (Decisions/0032).
///
/// It is run without a shell and without its own configuration; the body goes through its standard input.
struct CurlTransport: WitnessTransport {
    private static let secondsMax = 30
    private static let answerByteCountMax = 65_536
    /// What curl puts behind the answer: a newline and three digits.
    private static let statusByteCount = 4

    func post(_ body: String, to url: String) async throws -> WitnessAnswer {
        try await withCheckedThrowingContinuation { continuation in
            // It waits for another process: off the cooperative pool.
            DispatchQueue.global().async { continuation.resume(with: Result { try Self.run(body, url) }) }
        }
    }

    private static func run(_ body: String, _ url: String) throws -> WitnessAnswer {
        let arguments = [
            // Must be the first: nobody's .curlrc. The address is taken as it stands; and the size only spares what says it beforehand.
            "--disable", "--globoff", "--silent", "--show-error", "--proto", "=http,https", "--max-time", "\(secondsMax)", "--max-filesize",
            "\(answerByteCountMax)", "--request", "POST", "--header", "Content-Type: text/plain; charset=utf-8", "--user-agent",
            "vestige/\(Vestige.version)", "--data-binary", "@-", "--write-out", "\n%{http_code}", "--url", url,
        ]
        let (input, errors) = (try UnnamedFile(Array(body.utf8)), try UnnamedFile())
        let output = try Pipe()
        let process = try spawn(arguments, [input.descriptor, output.writing, errors.descriptor])
        output.closeWriting()
        guard let bytes = output.contents(upTo: answerByteCountMax + statusByteCount) else {
            kill(process, SIGKILL)
            _ = wait(for: process)
            throw Trouble(description: "it answered with more than \(answerByteCountMax) bytes")
        }
        let status = wait(for: process)
        guard status == 0 else {
            let said = String(decoding: errors.contents(upTo: 500), as: UTF8.self).split(separator: "\n").first ?? "it said nothing"
            throw Trouble(description: "curl ended with status \(status): \(said)")
        }
        let answer = String(decoding: bytes, as: UTF8.self)
        guard let end = answer.lastIndex(of: "\n"), let code = Int(answer[answer.index(after: end)...]) else {
            throw Trouble(description: "curl gave no status")
        }
        return WitnessAnswer(status: code, body: String(answer[..<end]))
    }

    private struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    private static func spawn(_ arguments: [String], _ descriptors: [Int32]) throws -> pid_t {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() { posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target)) }
        _ = vestige_spawn_closing_from(&actions, Int32(descriptors.count))
        var words: [UnsafeMutablePointer<CChar>?] = (["curl"] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var process: pid_t = 0
        let started = posix_spawnp(&process, "curl", &actions, nil, words, environ)
        guard started == 0 else {
            throw Trouble(description: started == ENOENT ? "the program curl is not installed" : "curl did not start (errno \(started))")
        }
        return process
    }

    /// - Returns: its exit status.
    private static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}

/// What curl says, read while it says it: whoever answers without an end fills neither memory nor disk.
private final class Pipe {
    let reading: Int32
    private(set) var writing: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard vestige_pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        (reading, writing) = (ends[0], ends[1])
    }

    /// The other process has it; else there would be no end.
    func closeWriting() {
        guard writing >= 0 else { return }
        close(writing)
        writing = -1
    }

    /// Everything up to the end; `nil` as soon as it is more than `count` bytes.
    func contents(upTo count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        while true {
            let read = read(reading, &piece, piece.count)
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return bytes }
            bytes += piece[..<read]
            if bytes.count > count { return nil }
        }
    }

    deinit {
        closeWriting()
        close(reading)
    }
}

/// A file without a name, gone with its last descriptor: no pipe that could fill up, or break while it is written to.
private final class UnnamedFile {
    let descriptor: Int32

    init(_ contents: [UInt8] = []) throws {
        var path = Array((NSTemporaryDirectory() + "/vestige-XXXXXX").utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard write(descriptor, contents, contents.count) == contents.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    func contents(upTo count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(0, read)))
    }

    deinit {
        close(descriptor)
    }
}
