import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeVault

/// Somebody whose credential was found good: who, where, with which rights.
struct Access: Sendable {
    let tenant: Tenant
    let role: String
    let rights: Set<Right>
    /// As whom their questions are recorded.
    var actor: AuditActor
    /// For the role `self`: the person whose looks may be seen, and nobody else's.
    let subject: SubjectID?
    /// What requests are counted by.
    let credential: String
    let perMinute: Int?
    /// Ranges from which alone the credential may be used; empty: no further limit.
    let addresses: [AddressRange]

    func asker(for purpose: String, in caseReference: String?) -> Asker {
        var asker = Asker(actor: actor, purpose: purpose, rights: rights)
        asker.caseReference = caseReference
        return asker
    }
}
