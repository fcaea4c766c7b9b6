public import VestigeCore
import VestigePolicy
import VestigeTrail
public import VestigeVault

/// A person's identifiers: tying two together, and letting back in who returned.
extension Rights {
    /// Makes two identifiers one person, and leaves the entry `key.linked` about them. What is linked already may be linked again.
    ///
    /// - Parameter caseReference: kept in the entry for whoever did it.
    /// - Returns: the receipt, and every identifier that the person has now.
    /// - Throws: ``RightsError/twoPeople``, ``RightsError/linkedToErased``, ``RightsError/oneIdentifier``, ``RightsError/longCase(byteCount:)``: nothing was linked;
    ///   ``RightsError/linkedUnrecorded(_:)``.
    public func link(
        _ a: SubjectID, _ b: SubjectID, caseReference: String? = nil, by actor: AuditActor
    ) async throws -> (receipt: Receipt, identifiers: [SubjectID]) {
        try check(case: caseReference)
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

    /// The other identifiers of a person, for whoever is about to erase them. They are an answer about the person: where there are any, the
    /// question is an entry, `audit.identifiers`, durable before they are given.
    ///
    /// - Throws: ``RightsError/missingPurpose(_:)``; `RecordingError` if the question cannot be recorded; `VaultError`.
    public func otherIdentifiers(
        of subject: SubjectID, caseReference: String? = nil, by actor: AuditActor, purpose: String
    ) async throws -> [SubjectID] {
        if let problem = policy.refusal(of: purpose, as: .purpose) { throw RightsError.missingPurpose(problem) }
        let others = try await vault.identifiers(of: subject).filter { $0 != subject }
        guard !others.isEmpty else { return [] }
        var entry = BuiltInEntry(action: "audit.identifiers", event: "read", actor: actor, purpose: purpose)
        entry.caseReference = caseReference
        entry.details["rows"] = .integer(Int64(others.count))
        // The subject's alone, as when they were linked.
        if case .active(let pseudonym) = try await vault.standing(of: subject, as: .subject) { entry.subjects = [pseudonym] }
        _ = try await recorder.record(entry)
        return others
    }

    /// Removes the fence of an erased person who really returns, and leaves the entry `erasure.readmitted`. The next act mints a new
    /// pseudonym; nothing of before opens under it. The entry names nobody: there is no pseudonym yet, and the old one is not known.
    ///
    /// - Throws: ``RightsError/notFenced``: nothing was done; ``RecordingError`` if the entry cannot be recorded, then
    ///   nothing was done either.
    public func readmit(_ subject: SubjectID, caseReference: String? = nil, by actor: AuditActor) async throws -> Receipt {
        try check(case: caseReference)
        var fenced: [KeyRole] = []
        for role in [KeyRole.subject, .acting] {
            if try await vault.isFenced(subject, as: role) {
                fenced.append(role)
            } else if try await vault.standing(of: subject, as: role) == .erased {
                // An erasure is under way, and its fences are part of it.
                throw RightsError.notFenced
            }
        }
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
