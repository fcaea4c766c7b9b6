public import VestigeCrypto

/// Where a vault's rows are kept. A store decides nothing: it holds rows, keeps the rules written here, and never sees a key or an id.
///
/// **Contract**
/// - A *read* is a single statement and sees one moment. It never leaves a transaction open.
/// - A *write* is one transaction and is durable when it returns. If it throws, nothing of it was written.
/// - Cancelling the calling task never rolls a write back or cuts it short: once called, a write runs to its end.
/// - Whatever is deleted or set to `nil` leaves no bytes in any file of the store (SQLite: rollback journal, `secure_delete=ON`).
/// - Directory, key, fence, link and blind rows carry no time and no order of insertion.
/// - Two processes on one store are as good as two callers in one. Nothing is cached between calls.
/// - Lists passed in hold at most ``vaultBatchCountMax`` items and name no key twice; answers stand in the order of the questions.
/// - Errors: the ``VaultError`` named at each member; anything else is the engine's own error, without row contents in its message.
public protocol VaultStore: Sendable {
    /// Read. The vault's row about itself; `nil` in an empty store.
    func meta() async throws -> VaultMeta?

    /// Write. Makes the vault.
    ///
    /// - Throws: ``VaultError/storeNotEmpty``.
    func create(_ meta: VaultMeta) async throws

    /// Read. The epoch alone; called about once a second.
    func epoch() async throws -> UInt64

    /// Read. A row wins over a fence. Expired fences are answered too.
    func directory(_ keys: [DirectoryKey]) async throws -> [DirectoryAnswer]

    /// Read. `nil` where no row bears the pseudonym.
    func keys(_ pseudonyms: [Pseudonym]) async throws -> [KeyRow?]

    /// Read. Directory rows after `key` in ascending order of ``DirectoryKey``, at most `limit`.
    func directoryPage(after key: DirectoryKey?, limit: Int) async throws -> [DirectoryRow]

    /// Write. Adds each directory row with its key row, unless the directory key has a row (``MintOutcome/exists(_:)``) or a fence whose
    /// last day is `today` or later (``MintOutcome/fenced``). An expired fence is removed. One refusal does not touch the others.
    /// A handle (no key row) whose locator is not all zero and no directory row of role subject bears is ``MintOutcome/fenced`` too: its
    /// owner was erased since, and no erasure would reach the row.
    ///
    /// - Parameter today: days since 1970.
    /// - Throws: ``VaultError/kekChanged(current:)`` if any row is wrapped under another KEK than the current one, read in this transaction.
    func insert(_ minted: [MintedKey], today: Int) async throws -> [MintOutcome]

    /// Write. Gives the directory row of `key` the `locator` if its own is all zero and a directory row of role subject bears that locator;
    /// otherwise, or without a row, does nothing.
    ///
    /// - Returns: whether the row has this locator now.
    @discardableResult
    func assign(locator: Bytes16, to key: DirectoryKey) async throws -> Bool

    // MARK: Further identifiers

    /// Write. Adds the directory row and the link row of every name, all or none: none if a directory key has a row, or a fence whose last
    /// day is `today` or later, or if one of the pseudonyms has no active key. An expired fence is removed.
    ///
    /// - Parameter today: days since 1970.
    /// - Returns: whether they were written.
    /// - Throws: ``VaultError/kekChanged(current:)`` if a directory row is wrapped under another KEK than the current one.
    func link(_ names: [LinkedName], today: Int) async throws -> Bool

    /// Read. Every link row with this locator, ascending by key.
    func links(at locator: Bytes16) async throws -> [LinkRow]

    // MARK: The blind index

    /// Write. Changes what leads to people: removes the rows of `removing`, then adds those of `adding` that are not there yet, one change
    /// after the other. A person may be in several changes.
    ///
    /// - Returns: for each change, false if its pseudonym has no active key; nothing of it was written then, so that an erasure under way
    ///   leaves no row behind.
    /// - Throws: ``VaultError/kekChanged(current:)`` if a row of any `adding` is wrapped under another KEK than the current one.
    func reindex(_ changes: [BlindChange]) async throws -> [Bool]

    /// Read. Rows with this token after `locator`, in ascending order of locators, at most `limit`.
    func blindRows(_ token: Bytes32, after locator: Bytes16?, limit: Int) async throws -> [BlindRow]

    // MARK: Erasure

    /// Write. Step 1 of an erasure: marks its active keys `erasing`, keeps `erasure` and carries out `terms`. Checked first, in this order: an
    /// erasure with this id or with one of these keys exists → ``BeginOutcome/underWay(_:)``, with the terms carried out, but for names that have
    /// a directory row; one of the keys is `erased`, or a name of
    /// `terms` has a directory row → ``BeginOutcome/changed``; a key is held and `evenIfHeld` is false → ``BeginOutcome/held``.
    /// A pseudonym without a row gets one (state `erasing`, no key), so that a restored vault knows whom its trail has erased.
    func beginErasure(_ erasure: ErasureRow, with terms: ErasureTerms, evenIfHeld: Bool) async throws -> BeginOutcome

    /// Write. Step 3, for all keys of `erasure`: removes wrapped key, identity, hold and due day (state stays `erasing`); turns every
    /// directory row with one of `locators` into a fence until `fenceUntil` (0: removes it without a fence); removes every link row and
    /// blind row with one of them; sets the step to `destroyed`; adds 1 to the epoch. Repeating it once destroyed writes nothing.
    ///
    /// - Parameter locators: never all zero.
    /// - Returns: the epoch.
    /// - Throws: ``VaultError/erasureOutOfStep`` if there is no such erasure.
    func destroyKeys(erasure: Bytes16, locators: [Bytes16], fenceUntil: Int) async throws -> UInt64

    /// Write. Step 6: marks the keys of `erasure` `erased` and removes its row. Without such a row it does nothing.
    ///
    /// - Throws: ``VaultError/erasureOutOfStep`` if its keys are not destroyed.
    func finishErasure(_ erasure: Bytes16) async throws

    /// Read. Every erasure under way, ascending by erasure id.
    func pendingErasures() async throws -> [ErasureRow]

    /// Write. Sets or releases the hold on active keys; others are left alone.
    func setHeld(_ held: Bool, on pseudonyms: [Pseudonym]) async throws

    /// Read. The pseudonyms of active keys that are held, ascending.
    func heldPseudonyms() async throws -> [Pseudonym]

    /// Write. Sets the due day of an active key, keeping an earlier one that is there.
    ///
    /// - Returns: the due day now, or `nil` if the key is not active.
    func setDue(_ day: Int, of pseudonym: Pseudonym) async throws -> Int?

    /// Read. Active keys whose due day is `day` or earlier, ascending by pseudonym.
    func dueKeys(on day: Int) async throws -> [KeyRow]

    /// Write. Puts up a fence for each name that has no directory row; the later day counts where one stands.
    ///
    /// - Returns: false if one of them has a directory row: somebody was made known by it; the others are fenced.
    func fence(_ keys: [DirectoryKey], until day: Int) async throws -> Bool

    /// Write. Removes fences, so that a person who came back can be admitted anew.
    func removeFences(_ keys: [DirectoryKey]) async throws

    /// Write. Removes fences whose last day is before `day`. Returns how many.
    func expireFences(before day: Int) async throws -> Int

    /// Read.
    func counts() async throws -> VaultCounts

    /// Write. Raises the watermark: checkpoint and size together if `size` is larger, `replayedThrough` if it is larger; nothing sinks.
    /// A watermark of another trail than the one kept writes nothing.
    func raiseWatermark(_ watermark: Watermark) async throws

    /// Write. Replaces the watermark by an empty one of a new trail, after an explicit recovery; the trail it is bound to already writes nothing.
    func adoptTrail(_ trail: Bytes16) async throws

    // MARK: Rotation

    /// Write. If `kek` is newer than the current KEK, makes it the current one and replaces the lookup key's wrapped bytes; otherwise writes
    /// nothing. From here on no row can be added under an older one.
    ///
    /// - Returns: the current KEK.
    func raiseCurrentKEK(to kek: UInt32, wrappedLookupKey: [UInt8]) async throws -> UInt32

    /// Read. Rows of `table` after `name` in ascending order of pseudonym, ``DirectoryKey`` or ``BlindKey``, at most `limit`: every row, whatever KEK it is
    /// under and also without wrapped bytes, so that a page costs the same wherever it stands.
    func wrappedPage(of table: WrappedTable, after name: WrappedName?, limit: Int) async throws -> [WrappedRow]

    /// Write. Replaces the wrapped bytes of each row where they are still `old`. A row that was changed, destroyed or removed is left alone.
    ///
    /// - Returns: how many were replaced.
    /// - Throws: ``VaultError/kekChanged(current:)`` if any is wrapped under another KEK than the current one, read in this transaction.
    func rewrap(_ rows: [Rewrapping]) async throws -> Int

    /// Write. If no row of any ``WrappedTable`` is wrapped under an older KEK than `kek`, makes it the least one and, if it was not, adds 1 to
    /// the epoch: a KEK is about to be destroyed.
    ///
    /// - Parameter kek: not newer than the current one.
    /// - Returns: false if there is such a row; nothing was written.
    func raiseLeastKEK(to kek: UInt32) async throws -> Bool
}

extension VaultStore {
    /// One change of the blind index.
    public func reindex(_ pseudonym: Pseudonym, removing: [BlindKey], adding: [BlindRow]) async throws -> Bool {
        try await reindex([BlindChange(pseudonym: pseudonym, removing: removing, adding: adding)]).first ?? false
    }

    /// Step 1 of an erasure with nothing beside it.
    public func beginErasure(_ erasure: ErasureRow, evenIfHeld: Bool) async throws -> BeginOutcome {
        try await beginErasure(erasure, with: ErasureTerms(), evenIfHeld: evenIfHeld)
    }
}

/// The most items in one call of a store.
public let vaultBatchCountMax = 1_000
