import VestigeCrypto

/// The blind index: finding people by what a field of theirs equals, without any value of theirs being readable.
///
/// Values are bytes, already brought into the form in which they are compared (the vault knows no policy). Tokens of equal values are equal:
/// whoever has the vault's file, without its keys, sees how many people share a value, not which.
extension Vault {
    /// The longest value that is indexed: 4,096 bytes.
    public static let indexValueByteCountMax = 4_096

    /// Makes a person findable by `value`, durable on return; they are admitted if unknown. Doing it twice changes nothing.
    ///
    /// - Throws: ``VaultError/personErased``, ``VaultError/invalidField``, ``VaultError/invalidIndexValue(byteCount:)``.
    public func index(_ value: [UInt8], for subject: SubjectID, field: String) async throws {
        try await reindex(from: nil, to: value, for: subject, field: field)
    }

    /// Makes a person no longer findable by `value`. Without effect if they never were, or are erased.
    public func unindex(_ value: [UInt8], for subject: SubjectID, field: String) async throws {
        try await reindex(from: value, to: nil, for: subject, field: field)
    }

    /// Replaces one value by another in one commit; `nil` stands for none.
    ///
    /// - Throws: ``VaultError/personErased`` if there is something to add, ``VaultError/invalidField``,
    ///   ``VaultError/invalidIndexValue(byteCount:)``; nothing was written.
    public func reindex(from old: [UInt8]?, to new: [UInt8]?, for subject: SubjectID, field: String) async throws {
        try await reindex([IndexChange(subject: subject, field: field, old: old, new: new)])
    }

    /// Many changes in as few commits as can be, durable on return. Whoever gets a value is admitted if unknown.
    ///
    /// - Throws: as ``reindex(from:to:for:field:)``. Changes of others may have been written; all of them may be given again.
    public func reindex(_ changes: [IndexChange]) async throws {
        var open = try changes.map { change throws(VaultError) in
            TokenChange(
                change: change,
                removed: try change.old.map { (old) throws(VaultError) in try keys.blindToken(field: change.field, value: old) },
                added: try change.new.map { (new) throws(VaultError) in try keys.blindToken(field: change.field, value: new) })
        }.filter { $0.removed != nil || $0.added != nil }[...]
        while !open.isEmpty {
            try await write(Array(open.prefix(vaultBatchCountMax)))
            open = open.dropFirst(vaultBatchCountMax)
        }
    }

    private struct TokenChange {
        let change: IndexChange
        let removed: Bytes32?
        let added: Bytes32?
    }

    /// At most ``vaultBatchCountMax``.
    private func write(_ changes: [TokenChange]) async throws {
        var open = changes
        for await _ in Attempts() {
            let requests = open.map { item in
                AdmissionRequest(
                    name: keys.name(item.change.subject, .subject), subject: item.change.subject, owner: nil, mints: item.added != nil)
            }
            var writing: [TokenChange] = []
            var rows: [BlindChange] = []
            do {
                for (item, admission) in zip(open, try await settle(requests)) {
                    guard case .admitted(let person) = admission, let locator = person.locator else {
                        if item.added != nil { throw VaultError.personErased }
                        continue
                    }
                    let gone = item.removed == item.added ? nil : item.removed.map { BlindKey(token: $0, locator: locator) }
                    let row = try item.added.map { (token) throws(VaultError) in
                        try keys.blindRow(BlindKey(token: token, locator: locator), leadingTo: person.pseudonym)
                    }
                    writing.append(item)
                    rows.append(BlindChange(pseudonym: person.pseudonym, removing: gone.map { [$0] } ?? [], adding: row.map { [$0] } ?? []))
                }
                guard !rows.isEmpty else { return }
                let written = try await store.reindex(rows)
                open = zip(writing, written).filter { !$0.1 }.map(\.0)
                if open.isEmpty { return }
                // Another process has begun an erasure; what is cached here is too old.
                cache.wipeAll()
            } catch VaultError.kekChanged(let current) {
                try keys.useKEK(current)
            }
        }
        throw VaultError.unsettled
    }

    /// Everybody who was indexed with this value, each by their first identifier, sorted; erased people are gone from it.
    ///
    /// It reads every match: a family name that a hundred thousand share gives them all.
    ///
    /// - Throws: ``VaultError/invalidField``, ``VaultError/invalidIndexValue(byteCount:)``, ``VaultError/rowDamaged(_:)``.
    public func find(field: String, equals value: [UInt8]) async throws -> [SubjectID] {
        let token = try keys.blindToken(field: field, value: value)
        var found: [SubjectID] = []
        var last: Bytes16?
        while true {
            let after = last
            // A rotation may give up a KEK between the reading of a row and its opening.
            let page = try await Self.rereading { try await people(with: token, after: after) }
            found += page.people
            guard let end = page.end else { return found.sorted(by: SubjectID.precedes) }
            last = end
        }
    }

    /// One page of matches; `end` is where the next one begins, `nil` after the last.
    private func people(with token: Bytes32, after locator: Bytes16?) async throws -> (people: [SubjectID], end: Bytes16?) {
        let ticket = cache.ticket()
        defer { withExtendedLifetime(ticket) {} }
        let page = try await store.blindRows(token, after: locator, limit: vaultBatchCountMax)
        let pseudonyms = try page.map { row throws(VaultError) in try keys.pseudonym(of: row) }
        var people: [SubjectID] = []
        for (row, key) in zip(page, try await store.keys(pseudonyms)) {
            guard let key, key.state == .active, let identity = try identity(of: key) else { continue }
            guard identity.locator == row.key.locator else { throw VaultError.rowDamaged("blind index") }
            people.append(identity.subject)
        }
        return (people, page.last?.key.locator)
    }
}

/// What a field of one person is to be found by from now on; `nil` stands for none.
public struct IndexChange: Hashable, Sendable {
    public let subject: SubjectID
    /// Under which the vault knows the field, such as `user.email`.
    public let field: String
    /// In the form in which values are compared, as what follows.
    public let old: [UInt8]?
    public let new: [UInt8]?

    public init(subject: SubjectID, field: String, old: [UInt8]?, new: [UInt8]?) {
        self.subject = subject
        self.field = field
        self.old = old
        self.new = new
    }
}

extension SubjectID {
    /// By the bytes of type and id.
    static func precedes(_ left: SubjectID, _ right: SubjectID) -> Bool {
        guard left.type == right.type else { return left.type.utf8.lexicographicallyPrecedes(right.type.utf8) }
        return left.id.utf8.lexicographicallyPrecedes(right.id.utf8)
    }
}
