import Foundation
import VestigeCrypto
import VestigeDesk
import VestigeTrail

/// What is remembered of a witness between two submissions. No evidence: a lost one costs one more request.
struct WitnessMemory: Codable, Sendable, Equatable {
    private static let collection = "witnesses"

    /// The size that it cosigned last.
    var size: UInt64 = 0
    /// When, by its own clock, in seconds since 1970.
    var seconds: UInt64?
    /// The cosigned checkpoint, whole.
    var note: String?
    /// Why it did not cosign the last time.
    var trouble: String?
    /// The refusal that stands in the trail already; the same one makes no second entry.
    var refusal: String?

    static func read(_ witness: Witness, of trail: Trail, _ desk: any DeskStore) async throws -> (memory: WitnessMemory, version: UInt64?) {
        guard let document = try await desk.get(place(witness, trail)) else { return (WitnessMemory(), nil) }
        let memory = try? JSONDecoder().decode(WitnessMemory.self, from: Data(document.content))
        return (memory ?? WitnessMemory(), document.version)
    }

    func write(_ witness: Witness, of trail: Trail, _ desk: any DeskStore, replacing version: UInt64?) async throws {
        try await desk.put([UInt8](JSONEncoder().encode(self)), at: Self.place(witness, trail), replacing: version)
    }

    /// A recovery begins a new trail, of which no witness has seen anything.
    private static func place(_ witness: Witness, _ trail: Trail) -> DeskPlace {
        DeskPlace(collection, "\(trail.identity.id.hex) \(witness.key.keyIDHex) \(witness.name)")
    }
}
