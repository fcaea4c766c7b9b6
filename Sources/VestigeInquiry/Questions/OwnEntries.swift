import VestigeCore
package import VestigeCrypto
package import VestigePolicy
import VestigeTrail
package import VestigeVault

extension Inquiry {
    /// Opens certain entries, such as those of the holds that stand, as far as the asker may see, and tells who the pseudonyms are to an asker
    /// who may resolve them. One question, recorded as `audit.<question>` before the answer goes out.
    ///
    /// - Returns: the entries in the order of `seqs`; of the people those whose keys live.
    /// - Throws: ``InquiryError``; nothing was shown.
    package func entries(
        _ seqs: [UInt64], naming pseudonyms: [Bytes16], as question: String, needing right: Right, asker: Asker
    ) async throws -> (entries: [OpenedEntry], people: [Bytes16: SubjectID]) {
        try asker.check(right, by: policy)
        return try await answering {
            let entries = try await opener(for: asker).open(try await trail.entries(seqs))
            var people: [Bytes16: SubjectID] = [:]
            if asker.rights.contains(.resolve) {
                for pseudonym in Set(pseudonyms) { people[pseudonym] = try await vault.resolve(pseudonym) }
            }
            try await note(question, by: asker, rows: entries.count)
            return (entries, people)
        }
    }
}
