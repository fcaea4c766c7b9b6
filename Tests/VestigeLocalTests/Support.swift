import Foundation
import VestigeLocal

/// A data directory of its own for one test, gone afterwards.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "vestige-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var place: Place { Place(data: path + "/data") }

    func file(_ name: String) -> String { place.data + "/" + name }

    func make() async throws -> LocalVestige {
        try await Vestige.create(place, policy: try examplePolicy(), by: ana)
    }

    func open() async throws -> LocalVestige {
        try await Vestige.open(place.data)
    }
}

let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

func examplePolicy() throws -> Policy {
    try Vestige.readPolicy(repository.appending(path: "Policies/people-directory.yaml").path)
}

let ana = AuditActor(.user, id: "7", name: "Ana Lima", email: "ana@example.org", ip: "10.0.0.7", userAgent: "curl/8")

func look(at id: String) -> Entry {
    Entry(
        event: "read", actor: ana, record: RecordReference(type: "user", id: id), fields: ["email"], purpose: "support",
        page: "/people/\(id)")
}

/// Some checks are made by a program that is not ours; without it they are skipped, and say so.
let hasPython = (try? run("/usr/bin/env", ["python3", "-c", "import sqlite3"]).status) == 0

/// Runs a program to its end; standard input given, both outputs together.
func run(_ program: String, _ arguments: [String], input: String = "") throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// The message with which `body` is refused; `nil` if it is not.
func refusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
