import CSpawn
import VestigeCrypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Runs a program that prints keys and takes its output, without a shell and without Foundation's copies of the bytes.
enum KeyCommand {
    static let outputByteCountMax = 65_536
    static let secondsMax: Int32 = 30

    /// What the program wrote to standard output; the caller wipes it. Its standard error is discarded, since it may say anything.
    ///
    /// - Parameter seconds: for all of it, until the program has ended: who asks for a key waits meanwhile.
    static func run(_ command: [String], seconds: Int32 = secondsMax) throws(VaultError) -> [UInt8] {
        let deadline = milliseconds() + Int64(seconds) * 1_000
        let program = command.first ?? ""
        func failed(_ reason: String) -> VaultError { .keyring(.commandFailed(program: program, reason: reason)) }

        var ends: [Int32] = [0, 0]
        guard vestige_pipe(&ends) == 0 else { throw failed("no pipe (errno \(errno))") }
        defer { close(ends[0]) }

        let started = spawn(command, output: ends[1])
        close(ends[1])
        guard case .success(let process) = started else { throw failed("it could not be started") }

        var output: [UInt8] = []
        output.reserveCapacity(outputByteCountMax)  // never grows, so no copy of a key is left behind
        let complete = drain(ends[0], into: &output, until: deadline)
        let status = end(of: process, by: complete ? deadline : 0)
        guard complete, status == 0 else {
            Memory.wipe(&output)
            guard complete, let status else { throw failed("it took over \(seconds) s or printed too much") }
            throw failed("it ended with status \(status >> 8 & 255)")
        }
        return output
    }

    /// The status with which a process ended; one that has not by then is killed, with all that it started, which gives `nil`.
    private static func end(of process: pid_t, by deadline: Int64) -> Int32? {
        var status: Int32 = 0
        while milliseconds() < deadline {
            let ended = waitpid(process, &status, WNOHANG)
            if ended == process { return status }
            if ended < 0, errno != EINTR { return nil }
            usleep(2_000)
        }
        kill(-process, SIGKILL)
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return nil
    }

    /// Of the monotonic clock.
    private static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }

    private struct NotStarted: Error {}

    private static func spawn(_ command: [String], output: Int32) -> Result<pid_t, NotStarted> {
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Whatever the host has open is not the program's, also where the host did not mark it so.
        _ = vestige_spawn_closing_from(&actions, 3)
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A process group of its own: what the program starts can be ended with it.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var process: pid_t = 0
        guard posix_spawn(&process, command.first ?? "", &actions, &attributes, arguments, environ) == 0 else {
            return .failure(NotStarted())
        }
        return .success(process)
    }

    /// Reads until the end of the pipe. False if that takes too long or does not fit.
    private static func drain(_ file: Int32, into output: inout [UInt8], until deadline: Int64) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 4_096)
        defer { Memory.wipe(&chunk) }
        while true {
            var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, Int32(max(0, deadline - milliseconds())))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return false }
            let count = chunk.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count == 0 { return true }
            guard count > 0, output.count + count <= outputByteCountMax else { return false }
            output.append(contentsOf: chunk[..<count])
        }
    }
}
