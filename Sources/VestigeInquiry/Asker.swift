public import VestigeCore
public import VestigePolicy

/// Who asks, why, and what they may see. Every question is an entry of its own, recorded before the answer goes out.
public struct Asker: Sendable {
    public var actor: AuditActor
    /// A purpose that the policy declares.
    public var purpose: String
    public var rights: Set<Right>
    /// The case that the question belongs to. It stands, sealed, in the question's entry. Where the policy shows actors as pseudonyms
    /// (`actors.show`), only a question that names its case sees more; an export opens no actor there, whatever it names.
    public var caseReference: String?

    public init(actor: AuditActor, purpose: String, rights: Set<Right>) {
        self.actor = actor
        self.purpose = purpose
        self.rights = rights
    }

    /// The account that can read the keyring can read everything anyway; it has all rights.
    public static func keyHolder(_ actor: AuditActor, purpose: String) -> Asker {
        Asker(actor: actor, purpose: purpose, rights: Set(Right.allCases))
    }

    /// Whether the policy hides from this question who acts: it does unless the question names its case. What it names is not compared with the
    /// cases there are; it stands, sealed, in the question's entry, and whoever supervises reads it there.
    func mayNameActors(by policy: Policy) -> Bool { policy.actors.show == .name || caseReference?.isEmpty == false }

    /// - Throws: ``InquiryError/actorsAreHidden`` for somebody who acts by type and id: the answer would tie their name to a pseudonym.
    func checkNaming(of actors: [Reference], by policy: Policy) throws(InquiryError) {
        let named = actors.contains { if case .record = $0 { true } else { false } }
        guard !named || mayNameActors(by: policy) else { throw .actorsAreHidden }
    }

    func check(_ right: Right, by policy: Policy) throws(InquiryError) {
        guard rights.contains(right) else { throw .missingRight(right.rawValue) }
        guard !purpose.isEmpty else { throw .missingPurpose(declared: policy.purposes.codes) }
        if let problem = policy.refusal(of: purpose, as: .purpose) { throw .undeclared(problem) }
    }
}
