import CSpawn
import Foundation

/// The program `KillableVault`, on data directories of its own.
final class Killable {
    struct Ending: Sendable {
        var lines: [String]
        /// Killed by SIGKILL; otherwise ``exit`` says how it ended.
        var wasKilled: Bool
        var exit: Int32

        /// What it found broken.
        var broken: [String] { lines.filter { $0.hasPrefix("broken|") }.map { String($0.dropFirst(7)) } }
        /// Where it killed itself: call, step, moment.
        var place: [String]? { lines.last { $0.hasPrefix("died|") }.map { $0.split(separator: "|").dropFirst().map(String.init) } }
    }

    let home: String

    init() throws {
        home = FileManager.default.temporaryDirectory.appending(path: "vestige-killable-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let ending = try start("make").end()
        guard ending.exit == 0, !ending.wasKilled else { throw CocoaError(.fileWriteUnknown) }
    }

    deinit { try? FileManager.default.removeItem(atPath: home) }

    /// Starts one; `posix_spawn` rather than Foundation's Process, which takes far longer than what is killed here lives.
    func start(_ mode: String, _ options: [String: String] = [:]) throws -> Running {
        let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "KillableVault").path
        let words = [program, mode, "home=" + home] + options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var ends: [Int32] = [0, 0]
        // Another test may start a program at any moment.
        guard vestige_pipe(&ends) == 0 else { throw CocoaError(.fileReadUnknown) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        _ = vestige_spawn_closing_from(&actions, 3)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, nil, &arguments, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw CocoaError(.executableLoad)
        }
        return Running(pid: pid, output: ends[0])
    }
}

/// One that was started. ``end(until:)`` or ``kill(after:)`` is called once.
struct Running {
    let pid: pid_t
    fileprivate let output: Int32

    /// Waits until it ends by itself.
    func end() throws -> Killable.Ending { try gathered(from: []) }

    /// Kills it so many microseconds after it said that it is ready.
    func kill(after microseconds: UInt32) throws -> Killable.Ending {
        let first = untilReady()
        usleep(microseconds)
        _ = Glibc.kill(pid, SIGKILL)
        return try gathered(from: first)
    }

    private func untilReady() -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            bytes.append(byte)
            if byte == 10, bytes.suffix(6) == Array("ready\n".utf8) { break }
        }
        return bytes
    }

    private func gathered(from first: [UInt8]) throws -> Killable.Ending {
        var bytes = first
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(output, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] } else if count == 0 || errno != EINTR { break }
        }
        close(output)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return Killable.Ending(
            lines: String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init), wasKilled: status & 0x7F == SIGKILL,
            exit: status >> 8 & 0xFF)
    }
}
