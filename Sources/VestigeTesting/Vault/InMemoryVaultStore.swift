public import VestigeCrypto
public import VestigeVault

/// A vault's rows in memory: for tests of hosts and of the vault itself. Durable as long as it lives.
public actor InMemoryVaultStore: VaultStore {
    var about: VaultMeta?
    var directoryRows: [DirectoryKey: DirectoryRow] = [:]
    var keyRows: [Pseudonym: KeyRow] = [:]
    var fences: [DirectoryKey: Int] = [:]
    var linkRows: [DirectoryKey: LinkRow] = [:]
    var blindRows: [BlindKey: BlindRow] = [:]
    private var erasures: [Bytes16: ErasureRow] = [:]

    /// How many times ``insert(_:today:)`` was called: each is one commit.
    public private(set) var commitCount = 0
    private var failuresLeft = 0

    public init() {}

    public func meta() throws -> VaultMeta? { about }

    public func create(_ meta: VaultMeta) throws {
        guard about == nil else { throw VaultError.storeNotEmpty }
        about = meta
    }

    public func epoch() throws -> UInt64 { about?.epoch ?? 0 }

    public func directory(_ keys: [DirectoryKey]) throws -> [DirectoryAnswer] {
        keys.map { key in
            if let row = directoryRows[key] { return .row(row) }
            return fences[key].map { .fenced(until: $0) } ?? .nothing
        }
    }

    public func keys(_ pseudonyms: [Pseudonym]) throws -> [KeyRow?] { pseudonyms.map { keyRows[$0] } }

    public func directoryPage(after key: DirectoryKey?, limit: Int) throws -> [DirectoryRow] {
        let rest = directoryRows.values.filter { row in key.map { $0 < row.key } ?? true }
        return Array(rest.sorted { $0.key < $1.key }.prefix(limit))
    }

    /// Lets the next calls of ``insert(_:today:)`` fail, as when the disk is full.
    public func failNextInserts(_ count: Int) { failuresLeft = count }

    public func insert(_ minted: [MintedKey], today: Int) throws -> [MintOutcome] {
        if failuresLeft > 0 {
            failuresLeft -= 1
            throw VaultError.unsettled
        }
        commitCount += 1
        let current = about?.currentKEK ?? 0
        guard minted.allSatisfy({ $0.directory.kek == current && ($0.key == nil || $0.key?.kek == current) }) else {
            throw VaultError.kekChanged(current: current)
        }
        return minted.map { item in
            let key = item.directory.key
            if let row = directoryRows[key] { return .exists(row) }
            if let until = fences[key], until >= today { return .fenced }
            if item.key == nil, item.directory.locator != .zero, !isSubjects(item.directory.locator) { return .fenced }
            fences[key] = nil
            directoryRows[key] = item.directory
            if let row = item.key { keyRows[row.pseudonym] = row }
            return .minted
        }
    }

    public func assign(locator: Bytes16, to key: DirectoryKey) throws -> Bool {
        if directoryRows[key]?.locator == .zero, isSubjects(locator) { directoryRows[key]?.locator = locator }
        return directoryRows[key]?.locator == locator
    }

    private func isSubjects(_ locator: Bytes16) -> Bool {
        directoryRows.values.contains { $0.key.role == .subject && $0.locator == locator }
    }

    public func beginErasure(_ erasure: ErasureRow, with terms: ErasureTerms, evenIfHeld: Bool) throws -> BeginOutcome {
        let wanted = Set(erasure.keys.map(\.pseudonym))
        let other = erasures[erasure.erasure] ?? erasures.values.first { row in row.keys.contains { wanted.contains($0.pseudonym) } }
        if let other {
            try carryOut(terms)
            return .underWay(other)
        }
        if wanted.contains(where: { keyRows[$0]?.state == .erased }) || terms.fenced.contains(where: { directoryRows[$0] != nil }) {
            return .changed
        }
        if !evenIfHeld, wanted.contains(where: { keyRows[$0]?.held == true }) { return .held }
        try carryOut(terms)
        for key in erasure.keys {
            if let row = keyRows[key.pseudonym] {
                if row.state == .active { keyRows[key.pseudonym]?.state = .erasing }
            } else {
                keyRows[key.pseudonym] = KeyRow(pseudonym: key.pseudonym, role: key.role, state: .erasing, wrappedKey: nil, identity: nil)
            }
        }
        erasures[erasure.erasure] = erasure
        return .begun
    }

    private func carryOut(_ terms: ErasureTerms) throws {
        if let due = terms.due { _ = try setDue(due.dueDay, of: due.pseudonym) }
        guard terms.fenceUntil > 0 else { return }
        _ = try fence(terms.fenced, until: terms.fenceUntil)
    }

    public func fence(_ keys: [DirectoryKey], until day: Int) throws -> Bool {
        let free = keys.filter { directoryRows[$0] == nil }
        for key in free { fences[key] = max(fences[key] ?? 0, day) }
        return free.count == keys.count
    }

    public func destroyKeys(erasure: Bytes16, locators: [Bytes16], fenceUntil: Int) throws -> UInt64 {
        guard let row = erasures[erasure] else { throw VaultError.erasureOutOfStep }
        guard row.step == .begun else { return about?.epoch ?? 0 }
        for key in row.keys {
            guard let old = keyRows[key.pseudonym] else { continue }
            keyRows[key.pseudonym] = KeyRow(pseudonym: old.pseudonym, role: old.role, state: old.state, wrappedKey: nil, identity: nil)
        }
        for (key, row) in directoryRows where locators.contains(row.locator) {
            directoryRows[key] = nil
            if fenceUntil > 0 { fences[key] = fenceUntil }
        }
        linkRows = linkRows.filter { !locators.contains($0.value.locator) }
        blindRows = blindRows.filter { !locators.contains($0.key.locator) }
        erasures[erasure]?.step = .destroyed
        about?.epoch += 1
        return about?.epoch ?? 0
    }

    public func finishErasure(_ erasure: Bytes16) throws {
        guard let row = erasures[erasure] else { return }
        guard row.step == .destroyed else { throw VaultError.erasureOutOfStep }
        for key in row.keys { keyRows[key.pseudonym]?.state = .erased }
        erasures[erasure] = nil
    }

    public func pendingErasures() throws -> [ErasureRow] { erasures.values.sorted { $0.erasure < $1.erasure } }

    public func setHeld(_ held: Bool, on pseudonyms: [Pseudonym]) throws {
        for pseudonym in pseudonyms where keyRows[pseudonym]?.state == .active { keyRows[pseudonym]?.held = held }
    }

    public func heldPseudonyms() throws -> [Pseudonym] {
        keyRows.values.filter { $0.state == .active && $0.held }.map(\.pseudonym).sorted()
    }

    public func setDue(_ day: Int, of pseudonym: Pseudonym) throws -> Int? {
        guard let row = keyRows[pseudonym], row.state == .active else { return nil }
        let due = min(day, row.dueDay ?? day)
        keyRows[pseudonym]?.dueDay = due
        return due
    }

    public func dueKeys(on day: Int) throws -> [KeyRow] {
        keyRows.values.filter { row in row.state == .active && row.dueDay.map { $0 <= day } ?? false }.sorted {
            $0.pseudonym < $1.pseudonym
        }
    }

    public func removeFences(_ keys: [DirectoryKey]) throws { for key in keys { fences[key] = nil } }

    public func expireFences(before day: Int) throws -> Int {
        let expired = fences.filter { $0.value < day }
        for key in expired.keys { fences[key] = nil }
        return expired.count
    }

    public func counts() throws -> VaultCounts {
        let people = keyRows.values.filter { $0.role == .subject }
        let active = people.count { $0.state == .active }
        return VaultCounts(subjects: active, erased: people.count - active)
    }

    public func raiseWatermark(_ watermark: Watermark) throws {
        guard var kept = about?.watermark, kept.trail == watermark.trail else { return }
        if watermark.size > kept.size {
            kept.size = watermark.size
            kept.checkpoint = watermark.checkpoint
        }
        kept.replayedThrough = max(kept.replayedThrough, watermark.replayedThrough)
        about?.watermark = kept
    }

    public func adoptTrail(_ trail: Bytes16) throws {
        if about?.watermark.trail != trail { about?.watermark = Watermark(trail: trail) }
    }

    // MARK: Rotation

    public func raiseCurrentKEK(to kek: UInt32, wrappedLookupKey: [UInt8]) throws -> UInt32 {
        guard let current = about?.currentKEK else { throw VaultError.storeEmpty }
        guard kek > current else { return current }
        about?.currentKEK = kek
        about?.wrappedLookupKey = wrappedLookupKey
        return kek
    }

    public func wrappedPage(of table: WrappedTable, after name: WrappedName?, limit: Int) throws -> [WrappedRow] {
        switch table {
        case .keys:
            let rest = keyRows.values.filter { row in
                if case .key(let last, _)? = name { last < row.pseudonym } else { true }
            }
            return rest.sorted { $0.pseudonym < $1.pseudonym }.prefix(limit).map {
                WrappedRow(name: .key($0.pseudonym, $0.role), wrapped: $0.wrappedKey)
            }
        case .directory:
            var last: DirectoryKey?
            if case .directory(let key)? = name { last = key }
            return try directoryPage(after: last, limit: limit).map { WrappedRow(name: .directory($0.key), wrapped: $0.sealedPseudonym) }
        case .blindIndex:
            var last: BlindKey?
            if case .blind(let key)? = name { last = key }
            let rest = blindRows.values.filter { row in last.map { $0 < row.key } ?? true }
            return rest.sorted { $0.key < $1.key }.prefix(limit).map { WrappedRow(name: .blind($0.key), wrapped: $0.sealedPseudonym) }
        }
    }

    public func rewrap(_ rows: [Rewrapping]) throws -> Int {
        let current = about?.currentKEK ?? 0
        guard rows.allSatisfy({ $0.kek == current }) else { throw VaultError.kekChanged(current: current) }
        return rows.count { row in
            switch row.name {
            case .key(let pseudonym, _):
                guard keyRows[pseudonym]?.wrappedKey == row.old else { return false }
                keyRows[pseudonym]?.wrappedKey = row.new
            case .directory(let key):
                guard directoryRows[key]?.sealedPseudonym == row.old else { return false }
                directoryRows[key]?.sealedPseudonym = row.new
            case .blind(let key):
                guard blindRows[key]?.sealedPseudonym == row.old else { return false }
                blindRows[key]?.sealedPseudonym = row.new
            }
            return true
        }
    }

    public func raiseLeastKEK(to kek: UInt32) throws -> Bool {
        guard let meta = about, kek > meta.leastKEK else { return true }
        let isBelow = { (id: UInt32?) in id ?? 0 < kek }
        guard !keyRows.values.contains(where: { $0.wrappedKey != nil && isBelow($0.kek) }),
            !directoryRows.values.contains(where: { isBelow($0.kek) }), !blindRows.values.contains(where: { isBelow($0.kek) })
        else { return false }
        about?.leastKEK = kek
        about?.epoch += 1
        return true
    }
}

extension InMemoryVaultStore {
    /// Replaces a key row by another one, as someone with access to the file could.
    public func tamper(with pseudonym: Pseudonym, _ change: @Sendable (inout KeyRow) -> Void) {
        guard var row = keyRows[pseudonym] else { return }
        change(&row)
        keyRows[pseudonym] = row
    }

    /// Makes `kek` the current one, as a rotation by another process would.
    public func rotate(to kek: UInt32) { about?.currentKEK = kek }
}
