import Foundation
import VestigeCore
import VestigeLocal

/// Requests to witnesses by the program `curl`, which brings TLS, proxies and the system's certificates (Decisions/0032).
///
/// It is run without a shell and without its own configuration; the body goes through its standard input.
struct CurlTransport: WitnessTransport {
    private static let secondsMax = 30
    private static let answerByteCountMax = 65_536

    func post(_ body: String, to url: String) async throws -> WitnessAnswer {
        try await withCheckedThrowingContinuation { continuation in
            // It waits for another process: off the cooperative pool.
            DispatchQueue.global().async { continuation.resume(with: Result { try Self.run(body, url) }) }
        }
    }

    private static func run(_ body: String, _ url: String) throws -> WitnessAnswer {
        let arguments = [
            // Must be the first: nobody's .curlrc.
            "--disable", "--silent", "--show-error", "--proto", "=http,https", "--max-time", "\(secondsMax)", "--max-filesize",
            "\(answerByteCountMax)", "--request", "POST", "--header", "Content-Type: text/plain; charset=utf-8", "--user-agent",
            "vestige/\(Vestige.version)", "--data-binary", "@-", "--write-out", "\n%{http_code}", "--url", url,
        ]
        let (input, output, errors) = (try UnnamedFile(Array(body.utf8)), try UnnamedFile(), try UnnamedFile())
        let status = try spawn(arguments, [input.descriptor, output.descriptor, errors.descriptor])
        guard status == 0 else {
            let said = String(decoding: errors.contents(upTo: 500), as: UTF8.self).split(separator: "\n").first ?? "it said nothing"
            throw Trouble(description: "curl ended with status \(status): \(said)")
        }
        let answer = String(decoding: output.contents(upTo: answerByteCountMax + 8), as: UTF8.self)
        guard let end = answer.lastIndex(of: "\n"), let code = Int(answer[answer.index(after: end)...]) else {
            throw Trouble(description: "curl gave no status")
        }
        return WitnessAnswer(status: code, body: String(answer[..<end]))
    }

    private struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    /// - Returns: its exit status.
    private static func spawn(_ arguments: [String], _ descriptors: [Int32]) throws -> Int32 {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
        #else
            var actions = posix_spawn_file_actions_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, descriptor) in descriptors.enumerated() { posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target)) }
        var words: [UnsafeMutablePointer<CChar>?] = (["curl"] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        var process: pid_t = 0
        let started = posix_spawnp(&process, "curl", &actions, nil, words, environ)
        guard started == 0 else {
            throw Trouble(description: started == ENOENT ? "the program curl is not installed" : "curl did not start (errno \(started))")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
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
