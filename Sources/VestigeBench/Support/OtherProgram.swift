import Foundation

/// Programs beside this one.
enum OtherProgram {
    /// What a program of the path prints.
    ///
    /// - Parameter hint: what to do where it is missing.
    static func output(_ command: [String], hint: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError.environment("\(command[0]) is missing or failed; \(hint)") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `vestige serve` as a process of its own.
final class ServeProcess {
    let port: Int
    private let process = Process()

    /// - Parameter program: the program `vestige`.
    init(_ program: String, data: String) throws {
        process.executableURL = URL(filePath: program)
        process.arguments = ["serve", "--data", data, "--port", "0", "--requests-per-minute", "10000000"]
        let output = Pipe()
        process.standardOutput = output
        // A line a request, which nobody reads here; it is written all the same.
        process.standardError = FileHandle(forWritingAtPath: "/dev/null")
        try process.run()
        var line: [UInt8] = []
        while line.last != 0x0A, let byte = try output.fileHandleForReading.read(upToCount: 1)?.first { line.append(byte) }
        let text = String(decoding: line, as: UTF8.self)
        guard let port = text.split(separator: ":").last.flatMap({ Int($0.filter(\.isNumber)) }) else {
            throw BenchError.environment("vestige serve did not start")
        }
        self.port = port
    }

    /// The most memory that it had so far, in MB.
    func peakMemory() throws -> Double { try Memory.peak(of: "\(process.processIdentifier)") }

    func stop() throws {
        process.terminate()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchError.environment("vestige serve did not stop in order") }
    }
}
