import Foundation

/// The real program, as built beside the tests.
enum Program {
    struct Result: Sendable {
        let output: String
        let exit: Int32
    }

    /// `VESTIGE_PROGRAM`, else `vestige` in the directory of the test bundle.
    static var directory: String {
        if let given = ProcessInfo.processInfo.environment["VESTIGE_PROGRAM"] {
            return URL(fileURLWithPath: given).deletingLastPathComponent().path
        }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
        return bundle.deletingLastPathComponent().path
    }

    /// Runs a line of shell with `vestige` on its path. stdout and stderr come in one text, in the order in which they were written.
    static func shell(_ line: String, in directory: String, input: String? = nil) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec 2>&1; " + line]
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("VESTIGE_") }
        environment["PATH"] = Program.directory + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["POLICIES"] = Checkout.path("Policies")
        process.environment = environment
        let out = Pipe()
        let stdin = Pipe()
        process.standardOutput = out
        process.standardInput = stdin
        try process.run()
        let text = input ?? ""
        // A pipe holds only so much: what is written must not wait for what is read.
        let writer = Thread {
            try? stdin.fileHandleForWriting.write(contentsOf: Data(text.utf8))
            try? stdin.fileHandleForWriting.close()
        }
        writer.start()
        let data = try out.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Result(output: String(decoding: data, as: UTF8.self), exit: process.terminationStatus)
    }
}

/// Files of the checkout.
enum Checkout {
    static func path(_ relative: String) -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return tests.deletingLastPathComponent().appendingPathComponent(relative).path
    }
}

/// A directory for one test, gone with it.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vestige-cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// With a data directory `vestige-data` under the policy of the example host.
    static func initialised() throws -> Scratch {
        let scratch = try Scratch()
        let made = try Program.shell("vestige init --policy \"$POLICIES/people-directory.yaml\"", in: scratch.path)
        guard made.exit == 0 else { throw Unexpected(made.output) }
        return scratch
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

struct Unexpected: Error {
    let output: String

    init(_ output: String) {
        self.output = output
    }
}
