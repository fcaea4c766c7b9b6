import Foundation
import VestigeCore
import VestigeCrypto
import VestigeDesk
import VestigeSQLite
import VestigeTrail

/// How far everything was found intact: a signed checkpoint in the desk, with a code that only who holds the keyring can make.
///
/// It goes as soon as anything is found broken: from then on everything is looked at, until everything is found intact again. Whoever writes
/// the desk can take the mark away, and can put back one that was made before; then what is broken below it is not seen, as without it.
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

    /// Something was found broken. Whoever looks next looks at everything.
    static func remove(in directory: Place) async {
        guard let desk = try? SQLiteDeskStore.open(in: directory.data) else { return }
        defer { try? desk.close() }
        for _ in 0..<8 {
            guard let current = try? await desk.get(place) else { return }
            if (try? await desk.delete(place, version: current.version)) != nil { return }
        }
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
