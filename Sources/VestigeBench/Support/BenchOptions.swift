import ArgumentParser
import Foundation

/// What every bench takes.
struct BenchOptions: ParsableArguments {
    @Flag(help: "Prints JSON instead of a table.")
    var json = false

    @Option(help: ArgumentHelp("Where the data goes; it should be on the disk to be measured. Removed afterwards.", valueName: "dir"))
    var directory: String?

    /// Runs a bench in a directory of its own, prints what it found and ends with 1 when something does not hold.
    func report(_ bench: (_ directory: String) async throws -> BenchReport) async throws {
        #if DEBUG
            Self.note("hint: built without -c release; the figures mean nothing")
        #endif
        let parent = directory ?? FileManager.default.temporaryDirectory.path
        let place = parent + "/vestige-bench-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let report = try await bench(place)
        print(try report.text(asJSON: json))
        if !report.holds { throw ExitCode(1) }
    }

    /// Says what is under way, on stderr.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }
}

enum BenchError: Error, CustomStringConvertible {
    case environment(String)

    var description: String {
        switch self {
        case .environment(let what): what
        }
    }
}
