import Foundation
import TestSupport

/// A directory for one test, gone with it.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("vestige-cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// With a data directory `vestige-data` under the policy of the example host.
    static func initialised() async throws -> Scratch {
        let scratch = try Scratch()
        let made = try await Program.shell("vestige init --policy \"$POLICIES/people-directory.yaml\"", in: scratch.path)
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
