/// Exchanging the KEK, step by step (design §5). Each step may be repeated; where a rotation stands is read from the vault's row and the
/// keyring, nothing else:
///
/// | step | done when |
/// |---|---|
/// | 1 a new KEK in the keyring | its newest id is above the vault's current one |
/// | 2 it becomes current, the lookup key goes under it | current is above least |
/// | 3 every row goes under it, page by page | no row is under an older one |
/// | 4 one transaction shows that, and makes it the least one | current is least |
/// | 5 the old KEK is destroyed | no id in the keyring is below least |
extension Vault {
    private static let passCountMax = 3

    /// Puts everything under a new KEK and destroys the old one, or goes on with a rotation that was cut short. Backups of the vault from
    /// before open no more after it, which is what makes erasure reach them.
    ///
    /// Other processes may go on meanwhile: they read under both KEKs, and learn the new one when they first write. Two rotations at once
    /// do the same work twice and no harm.
    ///
    /// - Parameters:
    ///   - beforeRetiring: called with the new KEK's id once everything stands under it and before the old one is given up; if it throws, the
    ///     rotation stays under way. After a crash it may be called again for the same KEK.
    ///   - progress: called after each page of rows.
    /// - Throws: ``VaultError/kekMissing(id:)`` if an old KEK was lost while rows are under it; ``VaultError/rowsUnreadable(count:)``;
    ///   ``VaultError/keyring(_:)``, also for a keyring that cannot rotate; the store's and the board's errors. Asking again goes on.
    public func rotate(
        beforeRetiring: (_ kek: UInt32) async throws -> Void = { _ in }, progress: (RotationProgress) -> Void = { _ in }
    ) async throws -> Rotation {
        guard let keyring = keys.keyring as? any RotatingKeyring else { throw VaultError.keyring(.fixed) }
        for await _ in Attempts() {
            do {
                return try await rotate(keyring, beforeRetiring, progress)
            } catch VaultError.kekMissing(let id) {
                // Somebody who rotated further has come past the KEK that was to be the new one, or was read here, and destroyed it.
                guard try await !isBelow(id + 1) else { throw VaultError.kekMissing(id: id) }
            }
        }
        throw VaultError.unsettled
    }

    private func rotate(
        _ keyring: any RotatingKeyring, _ beforeRetiring: (_ kek: UInt32) async throws -> Void, _ progress: (RotationProgress) -> Void
    ) async throws -> Rotation {
        let (started, resumed) = try await beginRotation(keyring)
        var kek = started
        var rewrapped = 0
        for _ in 0..<Self.passCountMax {
            do {
                rewrapped += try await rewrapEverything(under: kek) { rows, share in
                    progress(RotationProgress(kek: kek, rewrapped: rewrapped + rows, share: share))
                }
            } catch VaultError.kekChanged(let newer) where newer > kek {
                // Somebody rotates further: their KEK is the one to come to.
                kek = newer
                try keys.useKEK(kek)
                continue
            }
            guard try await isBelow(kek) else { break }
            try await beforeRetiring(kek)
            if try await store.raiseLeastKEK(to: kek) { break }
        }
        guard try await !isBelow(kek) else { throw VaultError.unsettled }
        let (destroyed, remaining) = try await retireOldKEKs(keyring)
        return Rotation(kek: kek, rewrapped: rewrapped, resumed: resumed, destroyed: destroyed, remaining: remaining)
    }

    /// Where a rotation stands. While one is under way every row is looked at, in pages.
    public func keyStatus() async throws -> KeyStatus {
        let meta = try await rotationMeta()
        let keyring = keys.keyring as? any RotatingKeyring
        let ids = try keyring?.kekIDs()
        var left = 0
        if meta.leastKEK < meta.currentKEK {
            for table in WrappedTable.allCases {
                try await pages(of: table) { page in left += page.count { $0.wrapped != nil && $0.kek ?? 0 < meta.currentKEK } }
            }
        }
        return KeyStatus(
            current: meta.currentKEK, least: meta.leastKEK, rowsLeft: left, keyring: ids,
            isRotating: keyring.map { isUnderWay(meta, $0, ids ?? []) } ?? (meta.leastKEK < meta.currentKEK))
    }

    // MARK: Steps

    /// Steps 1 and 2, unless they were done before.
    private func beginRotation(_ keyring: any RotatingKeyring) async throws -> (kek: UInt32, resumed: Bool) {
        let meta = try await rotationMeta()
        if isUnderWay(meta, keyring, try keyring.kekIDs()) {
            try keys.useKEK(meta.currentKEK)
            return (meta.currentKEK, true)
        }
        let new = try keyring.newKEK(after: meta.currentKEK)
        let current = try await store.raiseCurrentKEK(to: new, wrappedLookupKey: try keys.wrappedLookupKey(under: new))
        try keys.useKEK(current)
        return (current, false)
    }

    private func isUnderWay(_ meta: VaultMeta, _ keyring: any RotatingKeyring, _ ids: [UInt32]) -> Bool {
        meta.leastKEK < meta.currentKEK || keyring.destroysKEKs && ids.contains { $0 < meta.leastKEK }
    }

    private func isBelow(_ kek: UInt32) async throws -> Bool { try await rotationMeta().leastKEK < kek }

    /// Step 3. Returns how many rows were rewrapped.
    private func rewrapEverything(under kek: UInt32, _ progress: (_ rows: Int, _ share: Double) -> Void) async throws -> Int {
        guard try await isBelow(kek) else { return 0 }
        let rewrapper = try Rewrapper(keys: keys, target: kek)
        let tables = WrappedTable.allCases
        var (rewrapped, unreadable) = (0, 0)
        for (place, table) in tables.enumerated() {
            try await pages(of: table) { page in
                let changes = try rewrapper.changes(of: page, &unreadable)
                if !changes.isEmpty { rewrapped += try await store.rewrap(changes) }
                let seen = page.last.map { Double($0.name.prefix) / Double(UInt32.max) } ?? 1
                progress(rewrapped, (Double(place) + seen) / Double(tables.count))
            }
        }
        guard unreadable == 0 else { throw VaultError.rowsUnreadable(count: unreadable) }
        return rewrapped
    }

    /// Step 5: first every process lets go of what it cached, so that none is left in the middle of a read; then the old KEKs go.
    private func retireOldKEKs(_ keyring: any RotatingKeyring) async throws -> (destroyed: [UInt32], remaining: [UInt32]) {
        let meta = try await rotationMeta()
        try await board.publish(meta.epoch)
        keys.follow(meta)
        let old = try keyring.kekIDs().filter { $0 < meta.leastKEK }
        guard keyring.destroysKEKs else { return ([], old) }
        for id in old { try keyring.destroyKEK(id) }
        return (old, [])
    }

    private func pages(of table: WrappedTable, _ body: ([WrappedRow]) async throws -> Void) async throws {
        var last: WrappedName?
        while true {
            // An erasure waits until what was read of its rows is out of memory.
            let ticket = cache.ticket()
            defer { withExtendedLifetime(ticket) {} }
            let page = try await store.wrappedPage(of: table, after: last, limit: vaultBatchCountMax)
            guard let end = page.last else { return }
            try await body(page)
            last = end.name
        }
    }

    private func rotationMeta() async throws -> VaultMeta {
        guard let meta = try await store.meta() else { throw VaultError.storeEmpty }
        return meta
    }
}
