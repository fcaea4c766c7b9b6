public import VestigeCrypto

/// Slots: sealing and opening under a person's key.
///
/// A slot is `0x01 ‖ role ‖ nonce 24 ‖ commitment 32 ‖ ciphertext`, the plaintext padded to 64 bytes first.
extension Vault {
    static let slotVersion: UInt8 = 1
    /// Lengths of plaintexts are hidden up to a multiple of so many bytes.
    public static let slotPadding = 64
    /// Bytes of a slot beside its padded plaintext.
    public static let slotOverhead = 2 + CommittedBox.byteCountMin

    /// Seals without waiting, about 2 µs for a slot of 256 bytes.
    ///
    /// - Throws: ``VaultError/keyNotLoaded`` if the key is not in locked memory or not certain to be current: ``load(_:role:)`` first;
    ///   ``VaultError/wrongRole``.
    public func seal(_ plaintext: [UInt8], under pseudonym: Pseudonym, role: KeyRole, at place: SlotPlace) throws(VaultError) -> [UInt8] {
        guard let person = cache.person(pseudonym), let slot = person.slot else { throw .keyNotLoaded }
        guard person.role == role else { throw .wrongRole }
        let sealed = cache.slab.withKey(slot) { key in
            CommittedBox.seal(
                plaintext, key: key, aad: AssociatedData.slot(place, role), prefix: [Self.slotVersion, role.rawValue],
                padding: Self.slotPadding)
        }
        guard let sealed else { throw .keyNotLoaded }
        return sealed
    }

    /// Opens a slot.
    ///
    /// - Returns: ``Opened/erased`` once the key is being destroyed or gone.
    /// - Throws: ``VaultError/slotDamaged`` for bytes that do not open here, ``VaultError/unknownPseudonym``, ``VaultError/wrongRole``.
    public func open(_ slot: [UInt8], under pseudonym: Pseudonym, role: KeyRole, at place: SlotPlace) async throws -> Opened {
        guard slot.count >= Self.slotOverhead, slot[0] == Self.slotVersion, slot[1] == role.rawValue else { throw VaultError.slotDamaged }
        let aad = AssociatedData.slot(place, role)
        // A key that is wiped between loading and use is loaded again; if its owner was erased, that says so.
        for await _ in Attempts() {
            let person: KeyCache.Person
            if let cached = cache.person(pseudonym) {
                person = cached
            } else {
                switch try await fetch([pseudonym])[0] {
                case .admitted(let loaded): person = loaded
                case .erased: return .erased
                case .unknown, nil: throw VaultError.unknownPseudonym
                }
            }
            guard person.role == role, let place = person.slot else { throw VaultError.wrongRole }
            let opened = cache.slab.withKey(place) { key in
                Result<[UInt8], CryptoError> { () throws(CryptoError) in
                    try CommittedBox.open(slot.dropFirst(2), key: key, aad: aad, padding: Self.slotPadding)
                }
            }
            switch opened {
            case .success(let plaintext): return .plaintext(plaintext)
            case .failure: throw VaultError.slotDamaged
            case nil: continue
            }
        }
        throw VaultError.unsettled
    }

    /// Brings a key into locked memory, so that ``seal(_:under:role:at:)`` finds it.
    ///
    /// - Returns: ``Standing/active(_:)`` if it is there now, ``Standing/erased``, or ``Standing/unknown``.
    /// - Throws: ``VaultError/wrongRole``.
    @discardableResult
    public func load(_ pseudonym: Pseudonym, role: KeyRole) async throws -> Standing {
        try await load([(pseudonym, role)])[0]
    }

    /// As ``load(_:role:)`` for all who are needed at once, in one reading: between readings an erasure of somebody else may
    /// wipe what the first of them brought.
    public func load(_ wanted: [(pseudonym: Pseudonym, role: KeyRole)]) async throws -> [Standing] {
        try await freshen()
        var admissions: [Pseudonym: Admission] = [:]
        for (pseudonym, _) in wanted { admissions[pseudonym] = cache.person(pseudonym).map { .admitted($0) } }
        var missing = Array(Set(wanted.lazy.map(\.pseudonym).filter { admissions[$0] == nil }))[...]
        while !missing.isEmpty {
            let batch = Array(missing.prefix(self.admissions.batchCountMax))
            missing = missing.dropFirst(batch.count)
            for (pseudonym, admission) in zip(batch, try await fetch(batch)) { admissions[pseudonym] = admission }
        }
        return try wanted.map { pseudonym, role in
            switch admissions[pseudonym] {
            case .admitted(let person):
                guard person.role == role else { throw VaultError.wrongRole }
                return .active(pseudonym)
            case .erased: return .erased
            case .unknown, nil: return .unknown
            }
        }
    }

    /// Brings many keys into locked memory, for pages of entries that will be opened one by one. Erased and unknown ones are passed over.
    public func load(_ pseudonyms: some Sequence<Pseudonym>) async throws {
        try await freshen()
        var open = Set(pseudonyms).filter { cache.person($0) == nil }[...]
        while !open.isEmpty {
            let batch = Array(open.prefix(admissions.batchCountMax))
            open = open.dropFirst(batch.count)
            _ = try await fetch(batch)
        }
    }

    /// The keyed hash of a value too large to be kept: BLAKE2b-256 over `vestige/large/v1 ‖ 0 ‖ bytes` under the person's key.
    ///
    /// - Throws: ``VaultError/keyNotLoaded``.
    public func largeValueHash(_ bytes: [UInt8], under pseudonym: Pseudonym) throws(VaultError) -> Bytes32 {
        guard let slot = cache.person(pseudonym)?.slot else { throw .keyNotLoaded }
        let input = AssociatedData.build("vestige/large/v1", bytes.count) { $0.append(contentsOf: bytes) }
        guard let hash = cache.slab.withKey(slot, { KeyedHash.blake2b256(input, key: $0) }) else { throw .keyNotLoaded }
        return hash
    }

    /// Reads key rows and loads the active ones; `nil` where there is no row. At most ``Admissions/batchCountMax`` at once.
    func fetch(_ pseudonyms: [Pseudonym]) async throws -> [Admission?] {
        try await Self.rereading { try await fetchOnce(pseudonyms) }
    }

    private func fetchOnce(_ pseudonyms: [Pseudonym]) async throws -> [Admission?] {
        for await _ in Attempts() {
            try await freshen()
            let ticket = cache.ticket()
            let rows = try await store.keys(pseudonyms)
            cache.makeRoom(for: rows.count)
            var answers: [Admission?] = []
            var void = false
            for row in rows {
                guard let row else {
                    answers.append(nil)
                    continue
                }
                guard row.state == .active, let slot = try keys.load(row, into: cache.slab) else {
                    answers.append(.erased)
                    continue
                }
                let person = KeyCache.Person(pseudonym: row.pseudonym, role: row.role, locator: nil, slot: slot)
                guard cache.keep(person, name: nil, ticket: ticket) else {
                    void = true
                    break
                }
                answers.append(.admitted(cache.person(row.pseudonym) ?? person))
            }
            if !void { return answers }
        }
        throw VaultError.unsettled
    }
}
