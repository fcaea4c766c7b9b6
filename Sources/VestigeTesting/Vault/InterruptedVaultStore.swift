public import VestigeCrypto
public import VestigeVault

/// A store whose calls end at an ``Interruption``, and whose pages are as short as a test wants them.
public struct InterruptedVaultStore: VaultStore {
    private let store: any VaultStore
    private let post: any CallPost
    private let pageLimit: Int

    /// - Parameter pageLimit: the most rows in a page, so that a few people make many pages.
    public init(_ store: any VaultStore, by interruption: Interruption, pageLimit: Int = vaultBatchCountMax) {
        self.init(store, past: interruption, pageLimit: pageLimit)
    }

    package init(_ store: any VaultStore, past post: any CallPost, pageLimit: Int = vaultBatchCountMax) {
        self.store = store
        self.post = post
        self.pageLimit = pageLimit
    }

    private func passing<Result>(_ call: String = #function, _ body: () async throws -> Result) async throws -> Result {
        try await post.passing(call, body)
    }

    public func meta() async throws -> VaultMeta? { try await passing { try await store.meta() } }

    public func create(_ meta: VaultMeta) async throws { try await passing { try await store.create(meta) } }

    public func epoch() async throws -> UInt64 { try await passing { try await store.epoch() } }

    public func directory(_ keys: [DirectoryKey]) async throws -> [DirectoryAnswer] {
        try await passing { try await store.directory(keys) }
    }

    public func keys(_ pseudonyms: [Pseudonym]) async throws -> [KeyRow?] {
        try await passing { try await store.keys(pseudonyms) }
    }

    public func directoryPage(after key: DirectoryKey?, limit: Int) async throws -> [DirectoryRow] {
        try await passing { try await store.directoryPage(after: key, limit: min(limit, pageLimit)) }
    }

    public func insert(_ minted: [MintedKey], today: Int) async throws -> [MintOutcome] {
        try await passing { try await store.insert(minted, today: today) }
    }

    public func assign(locator: Bytes16, to key: DirectoryKey) async throws -> Bool {
        try await passing { try await store.assign(locator: locator, to: key) }
    }

    public func link(_ names: [LinkedName], today: Int) async throws -> Bool {
        try await passing { try await store.link(names, today: today) }
    }

    public func links(at locator: Bytes16) async throws -> [LinkRow] {
        try await passing { try await store.links(at: locator) }
    }

    public func reindex(_ changes: [BlindChange]) async throws -> [Bool] {
        try await passing { try await store.reindex(changes) }
    }

    public func blindRows(_ token: Bytes32, after locator: Bytes16?, limit: Int) async throws -> [BlindRow] {
        try await passing { try await store.blindRows(token, after: locator, limit: min(limit, pageLimit)) }
    }

    public func beginErasure(_ erasure: ErasureRow, with terms: ErasureTerms, evenIfHeld: Bool) async throws -> BeginOutcome {
        try await passing { try await store.beginErasure(erasure, with: terms, evenIfHeld: evenIfHeld) }
    }

    public func destroyKeys(erasure: Bytes16, locators: [Bytes16], fenceUntil: Int) async throws -> UInt64 {
        try await passing { try await store.destroyKeys(erasure: erasure, locators: locators, fenceUntil: fenceUntil) }
    }

    public func finishErasure(_ erasure: Bytes16) async throws {
        try await passing { try await store.finishErasure(erasure) }
    }

    public func pendingErasures() async throws -> [ErasureRow] { try await passing { try await store.pendingErasures() } }

    public func setHeld(_ held: Bool, on pseudonyms: [Pseudonym]) async throws {
        try await passing { try await store.setHeld(held, on: pseudonyms) }
    }

    public func heldPseudonyms() async throws -> [Pseudonym] { try await passing { try await store.heldPseudonyms() } }

    public func setDue(_ day: Int, of pseudonym: Pseudonym) async throws -> Int? {
        try await passing { try await store.setDue(day, of: pseudonym) }
    }

    public func dueKeys(on day: Int) async throws -> [KeyRow] { try await passing { try await store.dueKeys(on: day) } }

    public func fence(_ keys: [DirectoryKey], until day: Int) async throws -> Bool {
        try await passing { try await store.fence(keys, until: day) }
    }

    public func removeFences(_ keys: [DirectoryKey]) async throws { try await passing { try await store.removeFences(keys) } }

    public func expireFences(before day: Int) async throws -> Int {
        try await passing { try await store.expireFences(before: day) }
    }

    public func counts() async throws -> VaultCounts { try await passing { try await store.counts() } }

    public func raiseWatermark(_ watermark: Watermark) async throws {
        try await passing { try await store.raiseWatermark(watermark) }
    }

    public func adoptTrail(_ trail: Bytes16) async throws { try await passing { try await store.adoptTrail(trail) } }

    public func raiseCurrentKEK(to kek: UInt32, wrappedLookupKey: [UInt8]) async throws -> UInt32 {
        try await passing { try await store.raiseCurrentKEK(to: kek, wrappedLookupKey: wrappedLookupKey) }
    }

    public func wrappedPage(of table: WrappedTable, after name: WrappedName?, limit: Int) async throws -> [WrappedRow] {
        try await passing { try await store.wrappedPage(of: table, after: name, limit: min(limit, pageLimit)) }
    }

    public func rewrap(_ rows: [Rewrapping]) async throws -> Int { try await passing { try await store.rewrap(rows) } }

    public func raiseLeastKEK(to kek: UInt32) async throws -> Bool {
        try await passing { try await store.raiseLeastKEK(to: kek) }
    }
}
