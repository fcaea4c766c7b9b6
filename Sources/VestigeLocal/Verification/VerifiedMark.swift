import Foundation
import VestigeCore
import VestigeCrypto
import VestigeDesk
import VestigeSQLite
import VestigeTrail

/// How far everything was found intact: a signed checkpoint in the desk, with a code that only who holds the keyring can make.
///
/// Whoever writes the desk can take the mark away, or put back an older one; both make the next verification look at more, not at less.
struct VerifiedMark {
    private static let place = DeskPlace("verification", "last")
    private static let codedPlace = "verification"

    let place: Place
    let key: SpoolKey

    /// The note; `nil` where there is none of ours.
    func read() async -> String? {
        guard let desk = try? SQLiteDeskStore.open(in: place.data) else { return nil }
        defer { try? desk.close() }
        guard let content = try? await desk.get(Self.place)?.content else { return nil }
        let note = Array(content.dropFirst(SpoolKey.codeByteCount))
        guard key.verifies(Array(content.prefix(SpoolKey.codeByteCount)), for: note, in: Self.codedPlace, number: 0) else { return nil }
        return String(bytes: note, encoding: .utf8)
    }

    /// A mark that cannot be written makes the next verification look at more.
    func write(_ checkpoint: Checkpoint) async {
        guard let desk = try? SQLiteDeskStore.openOrCreate(in: place.data) else { return }
        let note = Array(checkpoint.note.utf8)
        let content = key.code(for: note, in: Self.codedPlace, number: 0).bytes + note
        if let current = try? await desk.get(Self.place) {
            _ = try? await desk.put(content, at: Self.place, replacing: current.version)
        } else {
            _ = try? await desk.put(content, at: Self.place, replacing: nil)
        }
        try? desk.close()
    }
}
