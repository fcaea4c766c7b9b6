public import VestigeInquiry
import VestigePolicy
public import VestigeRights
import VestigeTrail
public import VestigeVault

/// A hold that stands, with who placed it, for which case and why, as far as the asker may see.
public struct ListedHold: Sendable {
    public let hold: Hold
    /// Its entry: the actor, the case and the reason stand in it.
    public let entry: OpenedEntry
    /// Whom it is about; `nil` for a record, for an asker who may not resolve, and once the person is erased.
    public let person: SubjectID?
}

extension LocalVestige {
    /// The holds that stand now, oldest first. The question is an entry of its own, `audit.holds`, before the answer is given.
    ///
    /// - Parameter asker: needs the right `rights`; sees who and why with `open-actors`, and whom with `resolve`.
    /// - Throws: ``InquiryError``, `TrailError`; nothing was shown.
    public func holds(asker: Asker) async throws -> [ListedHold] {
        let holds = try await rights.holds()
        var listed: [EntryID: ListedHold] = [:]
        // The present trail is asked in any case: the question stands there.
        for number in [nil] + Set(holds.compactMap(\.trail)).sorted().map(Optional.some) {
            let own = holds.filter { $0.trail == number }
            let pseudonyms = own.compactMap { hold in if case .person(let pseudonym) = hold.thing { pseudonym } else { nil } }
            let answer = try await inquiry(of: number).entries(
                own.map(\.seq), naming: pseudonyms, as: "holds", needing: .rights, asker: asker)
            for (hold, entry) in zip(own, answer.entries) {
                var person: SubjectID?
                if case .person(let pseudonym) = hold.thing { person = answer.people[pseudonym] }
                listed[hold.id] = ListedHold(hold: hold, entry: entry, person: person)
            }
        }
        return holds.compactMap { listed[$0.id] }
    }
}
