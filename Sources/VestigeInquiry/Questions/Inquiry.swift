public import VestigeCore
public import VestigeCrypto
import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// Answers who viewed what. Each question is an entry of its own, durable before its answer goes out.
public struct Inquiry: Sendable {
    /// Matches of a list are counted exactly up to here.
    public static let countCeiling = 10_000
    static let pageCount = 1000

    let recorder: Recorder
    let policy: Policy
    let vault: Vault
    let trail: Trail
    /// The number of an older trail that is asked, while the questions stand in the present one.
    let older: Int?
    /// Where the questions stand, and the erasures made since.
    let present: Trail

    public init(recorder: Recorder, vault: Vault, trail: Trail) {
        self.init(recorder: recorder, vault: vault, trail: trail, older: nil, present: trail)
    }

    private init(recorder: Recorder, vault: Vault, trail: Trail, older: Int?, present: Trail) {
        self.recorder = recorder
        policy = recorder.policy
        self.vault = vault
        self.trail = trail
        self.older = older
        self.present = present
    }

    /// The same for an older trail, which the present one goes on from: its slots open under its own id.
    package func asking(_ older: Trail, number: Int) -> Inquiry {
        Inquiry(recorder: recorder, vault: vault, trail: older, older: number, present: present)
    }

    /// A question as its cursors know it: the same one to another trail has other pages.
    func asked(_ question: String) -> String { older.map { "trail \($0)\n\(question)" } ?? question }

    func opener(for asker: Asker) -> EntryOpener {
        EntryOpener(
            vault: vault, trail: trail.identity.id, opensActors: asker.rights.contains(.openActors) && asker.mayNameActors(by: policy),
            opensSubjects: asker.rights.contains(.openSubjects))
    }

    /// Records the question. An answer that cannot be recorded is not given.
    @discardableResult
    func note(
        _ question: String, event: String = "read", by asker: Asker, about reference: ResolvedReference? = nil, rows: Int? = nil,
        asked: String? = nil, people: [Bytes16] = [], details: [String: HeaderDetail] = [:]
    ) async throws -> Receipt {
        var entry = BuiltInEntry(action: "audit.\(question)", event: event, actor: asker.actor, purpose: asker.purpose)
        entry.record = reference?.record
        if rows == 0, let id = entry.record?.id {
            // Nothing stands under this id, so it may be anything that somebody typed.
            entry.record?.id = nil
            entry.tried = id
        } else {
            entry.tried = reference?.asked
        }
        entry.subjects = (reference?.person.map { [$0] } ?? []) + people
        entry.caseReference = asker.caseReference
        if let rows { entry.details["rows"] = .integer(Int64(rows)) }
        entry.details.merge(details) { $1 }
        if asked?.isEmpty == false { entry.page = asked }
        if let older { entry.details["trail"] = .integer(Int64(older)) }
        return try await recorder.record(entry)
    }

    /// Errors of trail, vault and recorder become one that says that nothing was shown.
    func answering<Answer: Sendable>(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch let error as InquiryError {
            throw error
        } catch {
            throw InquiryError.unavailable("\(error)")
        }
    }

    /// Who a pseudonym is, for an asker who may resolve; `nil` when erased or unknown. An entry of its own.
    public func resolve(_ pseudonym: Bytes16, asker: Asker) async throws -> SubjectID? {
        try asker.check(.resolve, by: policy)
        return try await answering {
            if !asker.mayNameActors(by: policy), try await vault.role(of: pseudonym) == .acting { throw InquiryError.actorsAreHidden }
            let person = try await vault.resolve(pseudonym)
            try await note("resolved", by: asker, about: ResolvedReference(person: pseudonym), rows: person == nil ? 0 : 1)
            return person
        }
    }
}

extension Inquiry {
    /// Opens entries with all rights and records nothing: for tests and for Vestige's own comparisons.
    package func open(_ stored: [StoredEntry]) async throws -> [OpenedEntry] {
        try await EntryOpener(vault: vault, trail: trail.identity.id, opensActors: true, opensSubjects: true).open(stored)
    }
}
