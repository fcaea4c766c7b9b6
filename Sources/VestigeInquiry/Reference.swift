import VestigeCore
public import VestigeCrypto
import VestigePolicy
import VestigeTrail
import VestigeVault

/// What a question is about: a record or person by type and id, or somebody by pseudonym.
public enum Reference: Sendable, Equatable {
    case record(type: String, id: String)
    case pseudonym(Bytes16)

    /// - Throws: ``InquiryError/badReference`` where one of them is empty, ``InquiryError/badID``.
    package init(type: String, id: String) throws(InquiryError) {
        guard !type.isEmpty, !id.isEmpty else { throw .badReference }
        guard id.utf8.count <= SubjectID.idByteCountMax else { throw .badID }
        self = .record(type: type, id: id)
    }

    /// Reads `TYPE/ID` or `@PSEUDONYM`. An id may hold slashes; a type does not.
    public init(_ text: String) throws(InquiryError) {
        if text.hasPrefix("@") {
            guard let pseudonym = Bytes16(hex: text.dropFirst()) else { throw .badPseudonym }
            self = .pseudonym(pseudonym)
            return
        }
        guard let slash = text.firstIndex(of: "/") else { throw .badReference }
        let type = text[..<slash]
        let id = text[text.index(after: slash)...]
        self = try Reference(type: String(type), id: String(id))
    }
}

/// What a reference comes to in the index.
struct ResolvedReference: Sendable {
    /// The terms of a look at it; empty: the vault knows nobody and nothing of the kind.
    var terms: [Term] = []
    /// Fenced: somebody who was erased.
    var isErased = false
    /// The person's pseudonym, where it is a person.
    var person: Bytes16?
    /// For the question's own entry.
    var record: RecordHandle?
    /// The id asked for, where it led nowhere: for the asker's slot.
    var asked: String?
}

struct ReferenceResolver {
    let policy: Policy
    let vault: Vault

    /// The record or person looked at. Mints nobody.
    func viewed(_ reference: Reference) async throws -> ResolvedReference {
        switch reference {
        case .pseudonym(let pseudonym):
            // A pseudonym says no type: it may be a person's or a record's handle.
            let handles = policy.records.pairs.filter { !$0.value.idIsClear && $0.value.subject != .itself }
            let terms = handles.compactMap { Term.record(RecordHandle(type: $0.code, handle: pseudonym)) }
            return ResolvedReference(terms: [Term(.lookedAt, pseudonym)] + terms, person: pseudonym)
        case .record(let type, let id):
            guard let rule = policy.records[type] else {
                throw InquiryError.undeclared(policy.refusal(of: type, as: .record) ?? "unknown record type")
            }
            if rule.idIsClear {
                // Ids of such a type are codes; anything else leads nowhere and must not stand in the question's header.
                guard Code.isWellFormed(id) else { return ResolvedReference(record: RecordHandle(type: type), asked: id) }
                let record = RecordHandle(type: type, id: id)
                return ResolvedReference(terms: Term.record(record).map { [$0] } ?? [], record: record)
            }
            let named = try name(type, id)
            let isPerson = rule.subject == .itself
            let standing =
                isPerson
                ? try await vault.standing(of: named, as: .subject)
                : try await vault.standingOfHandle(forRecord: type, id: id)
            var resolved = ResolvedReference(isErased: standing == .erased, record: RecordHandle(type: type))
            guard case .active(let handle) = standing else {
                if standing == .unknown { resolved.asked = id }
                return resolved
            }
            resolved.record?.handle = handle
            if isPerson {
                resolved.person = handle
                resolved.terms = [Term(.lookedAt, handle)]
            } else {
                resolved.terms = Term.record(RecordHandle(type: type, handle: handle)).map { [$0] } ?? []
            }
            return resolved
        }
    }

    /// What no vault takes as a name is the asker's fault, not the vault's trouble.
    private func name(_ type: String, _ id: String) throws(InquiryError) -> SubjectID {
        do throws(VaultError) {
            return try SubjectID(type: type, id: id)
        } catch {
            throw error == .invalidSubjectType ? .badReference : .badID
        }
    }

    /// The pseudonyms under which somebody acts: their acting one, and for looks at themselves their subject one.
    func acting(_ reference: Reference) async throws -> (acting: Bytes16?, subject: Bytes16?, isErased: Bool) {
        switch reference {
        case .pseudonym(let pseudonym): return (pseudonym, nil, false)
        case .record(let type, let id):
            let person = try name(type, id)
            var answer: (acting: Bytes16?, subject: Bytes16?, isErased: Bool) = (nil, nil, false)
            switch try await vault.standing(of: person, as: .acting) {
            case .active(let pseudonym): answer.acting = pseudonym
            case .erased: answer.isErased = true
            case .unknown: break
            }
            if case .active(let pseudonym) = try await vault.standing(of: person, as: .subject) { answer.subject = pseudonym }
            return answer
        }
    }
}
