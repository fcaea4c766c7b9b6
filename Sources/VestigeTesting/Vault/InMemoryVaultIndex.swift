public import VestigeCrypto
public import VestigeVault

/// Further identifiers and the blind index.
extension InMemoryVaultStore {
    public func link(_ names: [LinkedName], today: Int) throws -> Bool {
        let current = about?.currentKEK ?? 0
        guard names.allSatisfy({ $0.directory.kek == current }) else { throw VaultError.kekChanged(current: current) }
        for name in names {
            let key = name.directory.key
            guard directoryRows[key] == nil, fences[key].map({ $0 < today }) ?? true, keyRows[name.pseudonym]?.state == .active else {
                return false
            }
        }
        for name in names {
            fences[name.directory.key] = nil
            directoryRows[name.directory.key] = name.directory
            linkRows[name.directory.key] = name.link
        }
        return true
    }

    public func links(at locator: Bytes16) throws -> [LinkRow] {
        linkRows.values.filter { $0.locator == locator }.sorted { $0.key < $1.key }
    }

    public func reindex(_ changes: [BlindChange]) throws -> [Bool] {
        let current = about?.currentKEK ?? 0
        guard changes.allSatisfy({ $0.adding.allSatisfy { $0.kek == current } }) else { throw VaultError.kekChanged(current: current) }
        return changes.map { change in
            guard keyRows[change.pseudonym]?.state == .active else { return false }
            for key in change.removing { blindRows[key] = nil }
            for row in change.adding where blindRows[row.key] == nil { blindRows[row.key] = row }
            return true
        }
    }

    public func blindRows(_ token: Bytes32, after locator: Bytes16?, limit: Int) throws -> [BlindRow] {
        let rows = blindRows.values.filter { row in row.key.token == token && (locator.map { $0 < row.key.locator } ?? true) }
        return Array(rows.sorted { $0.key < $1.key }.prefix(limit))
    }
}
