import Foundation
import VestigeCrypto
import VestigeTrail

/// What the first entry of a trail says about the one that it goes on from: the clear item of `trail.recovered`.
///
/// It is signed with the new trail, so it pins the older one: id, key, size and root. Nothing else has to be believed about that file.
struct Succession: Sendable, Equatable, Codable {
    static let action = "trail.recovered"

    /// Of the older trail; the first of all is 1.
    var number: Int
    /// Id of the older trail, hexadecimal.
    var trail: String
    var origin: String
    /// The older trail's verifier key.
    var key: String
    /// What is left of it.
    var size: UInt64
    /// Base64.
    var root: String
    /// How many entries the vault, or a checkpoint kept elsewhere, had seen of it: from `size` up to this many are missing, and what came after nobody knows.
    var seenSize: UInt64
    /// The signed checkpoint that says so.
    var seenCheckpoint: String

    private enum CodingKeys: String, CodingKey {
        case number, trail, origin
        case key = "vkey"
        case size, root
        case seenSize = "seen_size"
        case seenCheckpoint = "seen_checkpoint"
    }

    var missing: Range<UInt64> { size..<max(size, seenSize) }
    var fileName: String { "trail-\(number).sqlite" }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }

    /// What a trail goes on from; `nil` for one that was begun by `vestige init`.
    ///
    /// - Throws: ``LocalError/damagedSuccession``, `TrailError`.
    static func read(from trail: Trail) async throws -> Succession? {
        guard let first = try await trail.entries([0]).first, let body = first.body,
            try Header(decoding: body.header).action == action
        else { return nil }
        let (header, payload) = try await trail.proven(first)
        guard header.action == action, let bytes = payload.items.first(where: { $0.kind == .clear })?.bytes,
            let read = try? JSONDecoder().decode(Succession.self, from: Data(bytes)), read.number > 0
        else { throw LocalError.damagedSuccession }
        return read
    }
}
