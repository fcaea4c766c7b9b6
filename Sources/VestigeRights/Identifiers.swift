public import VestigeCore
import VestigeTrail
public import VestigeVault

/// A person's identifiers: tying two together, and letting back in who returned.
extension Rights {
    /// Makes two identifiers one person, and leaves the entry `key.linked` about them. What is linked already may be linked again.
    ///
    /// - Parameter caseReference: kept in the entry for whoever did it.
    /// - Returns: the receipt, and every identifier that the person has now.
    /// - Throws: ``RightsError/twoPeople``, ``RightsError/linkedToErased``, ``RightsError/oneIdentifier``: nothing was linked;
    ///   ``RightsError/linkedUnrecorded(_:)``.
    public func link(
        _ a: SubjectID, _ b: SubjectID, caseReference: String? = nil, by actor: AuditActor
    ) async throws -> (receipt: Receipt, identifiers: [SubjectID]) {
        let pseudonyms: [KeyRole: Pseudonym]
        do {
            pseudonyms = try await vault.link(a, b)
        } catch VaultError.bothHaveKeys {
            throw RightsError.twoPeople
        } catch VaultError.personErased {
            throw RightsError.linkedToErased
        } catch VaultError.linkedToItself {
            throw RightsError.oneIdentifier
        }
        // The link may have brought in a key that the hold on the other identifier does not keep yet.
        if try await vault.isHeld(a) { try await vault.setHold(true, on: a) }
        // Only the subject's: one entry with both pseudonyms would tie a person's two roles together for whoever reads headers.
        do {
            let receipt = try await record("key.linked", "linked", pseudonyms[.subject].map { [$0] } ?? [], caseReference, actor)
            return (receipt, try await vault.identifiers(of: a))
        } catch {
            throw RightsError.linkedUnrecorded("\(error)")
        }
    }

    /// Removes the fence of an erased person who really returns, and leaves the entry `erasure.readmitted`. The next act mints a new
    /// pseudonym; nothing of before opens under it. The entry names nobody: there is no pseudonym yet, and the old one is not known.
    ///
    /// - Throws: ``RightsError/notFenced``: nothing was done; ``RecordingError`` if the entry cannot be recorded, then
    ///   nothing was done either.
    public func readmit(_ subject: SubjectID, caseReference: String? = nil, by actor: AuditActor) async throws -> Receipt {
        var fenced: [KeyRole] = []
        for role in [KeyRole.subject, .acting] where try await vault.isFenced(subject, as: role) { fenced.append(role) }
        guard !fenced.isEmpty else { throw RightsError.notFenced }
        // The entry first: a crash in between leaves a readmission that was not carried out, never one that nobody knows of.
        let receipt = try await record("erasure.readmitted", "restored", [], caseReference, actor)
        try await vault.readmit(subject, as: fenced)
        return receipt
    }

    private func record(
        _ action: String, _ event: String, _ subjects: [Pseudonym], _ caseReference: String?, _ actor: AuditActor
    ) async throws -> Receipt {
        var entry = BuiltInEntry(action: action, event: event, actor: actor)
        entry.subjects = subjects
        entry.caseReference = caseReference
        return try await recorder.record(entry)
    }
}
