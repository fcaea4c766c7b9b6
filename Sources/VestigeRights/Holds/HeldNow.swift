public import VestigeTrail
public import VestigeVault

/// Which people and records are held: what retention must leave alone.
public struct HeldNow: Sendable, Equatable {
    /// Every pseudonym of every held person, in whatever role. It names both roles of a person: keep it in memory.
    public let pseudonyms: Set<Pseudonym>
    public let records: [RecordHandle]

    public var isEmpty: Bool { pseudonyms.isEmpty && records.isEmpty }

    /// Whether an entry must stay: it concerns a held person, was done by or for one, or is on a held record.
    public func covers(_ header: Header) -> Bool {
        let actors = [header.actor.pseudonym, header.behalf?.pseudonym, header.record?.handle].compactMap { $0 }
        return (header.subjects + actors).contains(where: pseudonyms.contains) || header.record.map(records.contains) ?? false
    }

    /// The same as ways into the index: an entry must stay if it stands under one of these.
    public var terms: [Term] {
        let people = pseudonyms.sorted().flatMap { pseudonym in
            [Term.Kind.lookedAt, .concerned, .actor, .subjectAsked].map { Term($0, pseudonym) }
        }
        return people + records.flatMap { [Term.record($0), Term.record($0, asked: true)].compactMap { $0 } }
    }
}
