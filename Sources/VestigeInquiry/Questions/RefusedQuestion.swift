package import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
package import VestigeVault

extension Inquiry {
    /// Records a question about people of somebody who is known and has not the right to it: `audit.refused`, a failure. Whom it was about is neither
    /// looked at nor recorded: nobody gets work done, or a person's pseudonym into an entry, by asking what is not theirs to ask.
    ///
    /// - Parameters:
    ///   - question: a code for what was asked.
    ///   - right: the code of what was missing.
    ///   - oneself: whoever asks with a credential for what concerns themselves; the entry is under their own key then.
    ///   - purpose: as it was given; one that the policy does not declare is left out.
    package func noteRefused(
        _ question: String, missing right: String, by actor: AuditActor, as oneself: SubjectID?, purpose: String?
    ) async throws {
        try await answering {
            let declared = purpose.flatMap { policy.refusal(of: $0, as: .purpose) == nil ? $0 : nil }
            var entry = BuiltInEntry(action: "audit.refused", event: "read", actor: actor, purpose: declared)
            entry.status = .failure
            entry.details = ["question": .code(question), "right": .code(right)]
            if let oneself {
                entry.subjects = [try await subject(oneself)]
                entry.isByItsSubject = true
            }
            _ = try await recorder.record(entry)
        }
    }
}
