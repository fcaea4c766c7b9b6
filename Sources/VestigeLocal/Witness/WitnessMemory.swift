import Foundation
import VestigeCrypto
import VestigeDesk
import VestigeTrail

/// What is remembered of a witness between two submissions. A lost one costs one more request; what stands in it that the witness signed, the
/// trail must have kept.
struct WitnessMemory: Codable, Sendable, Equatable {
    private static let collection = "witnesses"
    /// Attempts to write beside others who do the same.
    private static let attemptCountMax = 16

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
    /// By its code: the day of the newest entry about such a refusal. A witness that names another size each time fills no trail.
    var refusalDays: [String: Int64]?

    /// When it cosigned last, if that is a time at all: the desk is written by whoever can write the data directory.
    var cosignedAt: Timestamp? {
        guard let seconds, Cosignature.plausibleSeconds.contains(seconds) else { return nil }
        return Timestamp(microseconds: Int64(seconds) * Timestamp.microsecondsPerSecond)
    }

    /// It cosigned; what another submission learned of a larger tree meanwhile stays.
    mutating func note(_ cosignature: Cosignature, under checkpoint: Checkpoint) {
        if note == nil || size <= checkpoint.size {
            size = checkpoint.size
            seconds = cosignature.seconds
            note = checkpoint.note + cosignature.line
        }
        trouble = nil
        refusal = nil
    }

    /// Whether this refusal becomes an entry: not if it stands there already, and at most one of a kind in a day.
    func isNews(_ refusal: WitnessRefusal, on day: Int64) -> Bool {
        self.refusal != Self.name(refusal) && refusalDays?[refusal.code] != day
    }

    /// - Parameter day: of the entry that tells of it, if one was made.
    mutating func note(_ refusal: WitnessRefusal, size: UInt64, toldOn day: Int64?) {
        trouble = refusal.message(size: size)
        guard let day else { return }
        self.refusal = Self.name(refusal)
        refusalDays = (refusalDays ?? [:]).merging([refusal.code: day]) { $1 }
    }

    private static func name(_ refusal: WitnessRefusal) -> String { "\(refusal.code) \(refusal.seen ?? 0)" }

    static func read(_ key: WitnessKey, of trail: Trail, _ desk: any DeskStore) async throws -> WitnessMemory {
        try await document(key, trail, desk).memory
    }

    /// Changes what is remembered. Where another submission writes at the same time, its newer memory is read and changed.
    static func change(_ key: WitnessKey, of trail: Trail, _ desk: any DeskStore, _ body: (inout WitnessMemory) -> Void) async throws {
        var attempts = 0
        while true {
            var (memory, version) = try await document(key, trail, desk)
            body(&memory)
            do {
                try await desk.put([UInt8](JSONEncoder().encode(memory)), at: place(key, trail), replacing: version)
                return
            } catch let error as DeskError {
                attempts += 1
                guard case .conflict = error, attempts < attemptCountMax else { throw error }
            }
        }
    }

    private static func document(
        _ key: WitnessKey, _ trail: Trail, _ desk: any DeskStore
    ) async throws -> (memory: WitnessMemory, version: UInt64?) {
        guard let document = try await desk.get(place(key, trail)) else { return (WitnessMemory(), nil) }
        guard let memory = try? JSONDecoder().decode(WitnessMemory.self, from: Data(document.content)), memory.size <= Int64.max else {
            return (WitnessMemory(), document.version)
        }
        return (memory, document.version)
    }

    /// A recovery begins a new trail, of which no witness has seen anything.
    private static func place(_ key: WitnessKey, _ trail: Trail) -> DeskPlace {
        DeskPlace(collection, "\(trail.identity.id.hex) \(key.keyIDHex) \(key.name)")
    }
}
