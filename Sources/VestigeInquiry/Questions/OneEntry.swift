import VestigeCore
import VestigePolicy
import VestigeTrail

extension Inquiry {
    /// One entry by its place; `nil` where the trail has none. The question is recorded as `audit.viewed` with the place.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func entry(_ seq: UInt64, asker: Asker) async throws -> OpenedEntry? {
        try asker.check(.query, by: policy)
        return try await answering {
            let entry = try await opener(for: asker).open(try await trail.entries([seq])).first
            // Whoever asks who asked about a person finds this question too.
            let person = entry.flatMap { $0.subjects.count == 1 ? $0.subjects[0].pseudonym : nil }
            try await note(
                "viewed", by: asker, about: ResolvedReference(person: person), rows: entry == nil ? 0 : 1,
                details: ["seq": .integer(Int64(clamping: seq))])
            return entry
        }
    }
}
