public import VestigeCore
public import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// Which certificates are asked for.
public enum CertificateQuestion: Sendable, Equatable {
    case all
    /// Those of one case: with an acting key that waited there are two.
    case caseReference(String)
    /// The one of an erasure, by its id.
    case erasure(Bytes16)
}

/// Certificates that are kept, ascending by erasure.
public struct KeptCertificates: Sendable {
    public let certificates: [Certificate]
    /// Files that cannot be read here or that contradict the trail: of erasures under a vault that a backup has replaced since, or damaged.
    public let unreadable: Int
}

extension Rights {
    /// The certificates that are kept (until `cases.keep` is over), each with a proof under the newest checkpoint. The question is an entry,
    /// durable before the answer: a case reference is personal.
    ///
    /// Who may ask is the caller's to check (the right `rights`, or the key holder).
    ///
    /// - Parameter withHeader: adds the entry's header, in which the pseudonym stands; for somebody who may see the trail anyway.
    /// - Throws: ``RightsError/missingPurpose(_:)``; ``RecordingError`` if the question cannot be recorded; errors of trail, vault and desk.
    public func certificates(
        _ question: CertificateQuestion, withHeader: Bool = false, by actor: AuditActor, purpose: String
    ) async throws -> KeptCertificates {
        if let problem = policy.refusal(of: purpose, as: .purpose) { throw RightsError.missingPurpose(problem) }
        var found: [(completed: EntryID, body: [UInt8])] = []
        var unreadable = 0
        for (erasure, file) in try await wanted(question) {
            guard let file else {
                unreadable += 1
                continue
            }
            if case .caseReference(let wanted) = question, file.caseReference != wanted { continue }
            // Without a body it is an erasure on its way.
            guard let body = file.body else { continue }
            guard let facts = try? CertificateFacts(decoding: body), facts.erasure == erasure else {
                unreadable += 1
                continue
            }
            found.append((facts.completed, body))
        }
        try await note(question, rows: found.count, by: actor, purpose: purpose)
        var certificates: [Certificate] = []
        for (completed, body) in found {
            // Nowhere yet: an erasure between its last two steps.
            guard let (trail, seq) = try await place(of: completed) else { continue }
            if let certificate = try await certificate(of: body, at: seq, in: trail, withHeader: withHeader) {
                certificates.append(certificate)
            } else {
                unreadable += 1
            }
        }
        return KeptCertificates(certificates: certificates, unreadable: unreadable)
    }

    /// In this trail, or in one that it goes on from.
    private func place(of completed: EntryID) async throws -> (trail: Trail, seq: UInt64)? {
        for trail in [trail] + older { if let seq = try await trail.seq(of: completed) { return (trail, seq) } }
        return nil
    }

    /// The certificate of an erasure that was just carried out. It is kept, so that trouble here loses nothing.
    func certificate(of done: CarriedOut) async -> Certificate? {
        guard let body = done.body else { return nil }
        return try? await certificate(of: body, at: done.completed.seq, in: trail, withHeader: false)
    }

    /// `nil` if the entry holds another hash.
    private func certificate(of body: [UInt8], at seq: UInt64, in trail: Trail, withHeader: Bool) async throws -> Certificate? {
        let (entry, proof, checkpoint) = try await trail.proof(of: seq)
        var proven = EntryProof(entry, proof, checkpoint)
        guard let payload = try proven.payload.map(Payload.init(decoding:)), CertificateMark(in: payload)?.hash == sha256(body) else {
            return nil
        }
        if !withHeader { (proven.header, proven.headerSalt) = (nil, nil) }
        return try Certificate(body: body, entry: proven)
    }

    private func wanted(_ question: CertificateQuestion) async throws -> [(erasure: Bytes16, file: ErasureFile?)] {
        guard case .erasure(let erasure) = question else { return try await files.all() }
        let found = try await files.find(erasure)
        return found.version == nil ? [] : [(erasure, found.file)]
    }

    private func note(_ question: CertificateQuestion, rows: Int, by actor: AuditActor, purpose: String) async throws {
        var entry = BuiltInEntry(action: "audit.certificate", event: "read", actor: actor, purpose: purpose)
        entry.details["rows"] = .integer(Int64(rows))
        switch question {
        case .all: break
        case .caseReference(let reference): entry.caseReference = reference
        case .erasure(let erasure): entry.details["erasure"] = .code(UUIDText.write(erasure))
        }
        _ = try await recorder.record(entry)
    }
}
