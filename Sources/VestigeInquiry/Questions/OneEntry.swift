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
            var question = BuiltInEntry(action: "audit.viewed", event: "read", actor: asker.actor, purpose: asker.purpose)
            question.caseReference = asker.caseReference
            question.details = ["seq": .integer(Int64(clamping: seq)), "rows": .integer(entry == nil ? 0 : 1)]
            if let older { question.details["trail"] = .integer(Int64(older)) }
            // Whoever asks who asked about a person finds this question too.
            if let entry, entry.subjects.count == 1 { question.subjects = [entry.subjects[0].pseudonym] }
            _ = try await recorder.record(question)
            return entry
        }
    }
}
