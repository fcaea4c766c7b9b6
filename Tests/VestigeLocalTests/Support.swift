import Foundation
import TestSupport
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

    func make(clock: @escaping Clock = LocalVestige.systemClock) async throws -> LocalVestige {
        try await Vestige.create(place, policy: try examplePolicy(), by: ana, clock: clock, patience: Self.patience)
    }

    func open(acceptingClock: Bool = false, clock: @escaping Clock = LocalVestige.systemClock) async throws -> LocalVestige {
        try await Vestige.open(
            place, keyring: nil, acceptingClock: acceptingClock, clock: clock, past: StorePosts(patience: Self.patience))
    }

    /// Copies data and keyring to `copy` beside them, while a process has them open: what a kill would leave. Another process copies: SQLite
    /// loses its locks when its own reads a file besides. No file changes meanwhile, but for the page that is looked at all the time.
    func copyLive() async throws -> Place {
        let isCopied = try await eventually {
            try await Program.shell(
                """
                digest() { (cd data && find . -type f ! -name epoch -exec cksum {} + | sort); }
                rm -rf copy copy.keyring; before=$(digest)
                cp -a data copy && cp -a data.keyring copy.keyring && test "$before" = "$(digest)"
                """, in: path
            ).exit == 0
        }
        guard isCopied else { throw CocoaError(.fileWriteUnknown) }
        return Place(data: path + "/copy")
    }

    /// Whoever lives answers, but on a busy machine its thread may get no turn for long.
    static let patience: Duration = .seconds(180)
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

/// The message with which `body` is refused; `nil` if it is not.
func refusal(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
