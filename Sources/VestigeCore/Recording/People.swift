import VestigeCrypto
package import VestigeVault

/// One person, or one record, in one role, as the vault is asked about them.
struct Wanted: Hashable, Sendable {
    let subject: SubjectID
    let role: KeyRole
    /// For a record's handle: whom the record is about.
    var owner: SubjectID?
    /// False where nobody may come to be known: a failed act, an intent, a comparison.
    var mayMint = true
}

/// Some people must be asked for, or their keys loaded, before an entry can be sealed. Whoever gets it waits for them and tries again.
package struct NotReady: Error {
    var people: Set<Wanted> = []
    var keys: Set<KeyWanted> = []
    /// Whose sealed columns are to be opened; nobody comes to be known by it.
    var owners: Set<SubjectID> = []
    /// For whom columns are to be sealed.
    var newcomers: Set<SubjectID> = []
    /// By what people are to be findable before the rows are written.
    var index: Set<IndexChange> = []

    struct KeyWanted: Hashable {
        let pseudonym: Pseudonym
        let role: KeyRole
    }

    /// These have to be in the index first.
    package static func indexing(_ changes: [IndexChange]) -> NotReady { NotReady(index: Set(changes)) }

    /// Everybody whom either needs.
    package func union(_ other: NotReady) -> NotReady {
        NotReady(
            people: people.union(other.people), keys: keys.union(other.keys), owners: owners.union(other.owners),
            newcomers: newcomers.union(other.newcomers), index: index.union(other.index))
    }
}

/// The people of entries that are on their way to the trail, as far as they were found out.
///
/// Casting and sealing ask here and never wait, so that they can run where nothing may wait, such as in a host's own transaction; what is
/// missing is told, fetched, and the work begins anew. Nothing of it outlives the entries.
struct People: Sendable {
    let vault: Vault
    private var found: [Wanted: Standing] = [:]

    init(vault: Vault) {
        self.vault = vault
    }

    /// The standing, if it is known here or in the vault's memory.
    func standing(of wanted: Wanted) -> Standing? {
        // What the vault holds in memory is newer: an erasure empties it.
        let cached =
            wanted.role == .recordHandle
            ? vault.cachedHandle(forRecord: wanted.subject, hasOwner: wanted.owner != nil).map { .active($0) }
            : vault.cachedStanding(of: wanted.subject, as: wanted.role)
        return cached ?? found[wanted]
    }

    /// Waits for those who were missing.
    ///
    /// - Throws: ``PersonErasedMeanwhile`` when a key that was needed has been destroyed; `VaultError`.
    mutating func fetch(_ missing: NotReady) async throws {
        // Whoever was erased since is asked for again, and found erased.
        guard try await !vault.load(missing.keys.map { ($0.pseudonym, $0.role) }).contains(.erased) else {
            found = [:]
            throw PersonErasedMeanwhile()
        }
        let people = Array(missing.people).filter { $0.role != .recordHandle && $0.mayMint }
        // At once, so that many who are new are one commit.
        for (person, standing) in zip(people, try await vault.admit(people.map { ($0.subject, $0.role) })) { found[person] = standing }
        for other in missing.people.subtracting(people) { found[other] = try await ask(other) }
    }

    private func ask(_ wanted: Wanted) async throws -> Standing {
        guard wanted.role == .recordHandle else { return try await vault.standing(of: wanted.subject, as: wanted.role) }
        let (type, id) = (wanted.subject.type, wanted.subject.id)
        guard wanted.mayMint else { return try await vault.standingOfHandle(forRecord: type, id: id) }
        return try await vault.handle(forRecord: type, id: id, of: wanted.owner).map { .active($0) } ?? .erased
    }
}

/// Tried again by the recorder: whoever was erased is then found to be erased, and nobody is minted anew.
struct PersonErasedMeanwhile: Error, CustomStringConvertible {
    var description: String { "a person concerned was erased while it was being recorded; record it again" }
}
