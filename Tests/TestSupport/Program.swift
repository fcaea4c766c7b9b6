import Foundation
import Glibc
import Subprocess
import SystemPackage

/// Other programs as tests run them, to their end. What one process opens is not inherited by another that is started at the same time, so that
/// an end of a file or of a process is always seen.
public enum Program {
    public struct Result: Sendable {
        /// stdout and stderr in one text, in the order in which they were written.
        public let output: String
        /// The exit status; 128 and the number of the signal if it died of one.
        public let exit: Int32
    }

    /// Where the built programs are: that of `VESTIGE_PROGRAM`, else the directory of the test bundle.
    public static var directory: String {
        if let given = ProcessInfo.processInfo.environment["VESTIGE_PROGRAM"] {
            return URL(fileURLWithPath: given).deletingLastPathComponent().path
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path
    }

    /// Some checks are made by a program that is not ours; without Python they are skipped, and say so.
    public static var python: String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/python3" }
            .first(where: FileManager.default.isExecutableFile)
    }

    /// The most that is taken from a program, in bytes.
    private static let outputByteCountMax = 64 << 20

    /// Runs a program to its end.
    ///
    /// - Parameter name: a path, or a name that is looked for as a shell would.
    public static func run(_ name: String, _ arguments: [String], in directory: String? = nil, input: String = "") async throws -> Result {
        // Whoever does not read its input must not end the tests: neither by a signal, nor by an end that nobody closes.
        signal(SIGPIPE, SIG_IGN)
        let result = try await Subprocess.run(
            name.contains("/") ? .path(FilePath(name)) : .name(name), arguments: Arguments(arguments), environment: environment,
            workingDirectory: directory.map { FilePath($0) }, input: .inputWriter, output: .bytes(limit: outputByteCountMax),
            error: .combinedWithOutput
        ) { execution in
            _ = try? await execution.standardInputWriter.write(input)
            try? await execution.standardInputWriter.finish()
        }
        return Result(output: String(decoding: result.standardOutput, as: UTF8.self), exit: exit(result.terminationStatus))
    }

    /// Runs a line of shell with `vestige` on its path and the example policies under `$POLICIES`.
    public static func shell(_ line: String, in directory: String, input: String = "") async throws -> Result {
        try await run("/bin/sh", ["-c", line], in: directory, input: input)
    }

    /// What the tests' own surroundings set for Vestige must not reach the programs.
    static var environment: Environment {
        var changes: [Environment.Key: String?] = [:]
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("VESTIGE_") {
            changes[Environment.Key(stringLiteral: name)] = .some(nil)
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        changes["PATH"] = directory + ":" + path
        changes["POLICIES"] = Checkout.path("Policies")
        return .inherit.updating(changes)
    }

    static func exit(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}
