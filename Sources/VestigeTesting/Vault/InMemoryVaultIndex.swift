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

    public func reindex(_ pseudonym: Pseudonym, removing: [BlindKey], adding: [BlindRow]) throws -> Bool {
        let current = about?.currentKEK ?? 0
        guard adding.allSatisfy({ $0.kek == current }) else { throw VaultError.kekChanged(current: current) }
        guard keyRows[pseudonym]?.state == .active else { return false }
        for key in removing { blindRows[key] = nil }
        for row in adding where blindRows[row.key] == nil { blindRows[row.key] = row }
        return true
    }

    public func blindRows(_ token: Bytes32, after locator: Bytes16?, limit: Int) throws -> [BlindRow] {
        let rows = blindRows.values.filter { row in row.key.token == token && (locator.map { $0 < row.key.locator } ?? true) }
        return Array(rows.sorted { $0.key < $1.key }.prefix(limit))
    }

    public func blindPage(after key: BlindKey?, limit: Int) throws -> [BlindRow] {
        let rest = blindRows.values.filter { row in key.map { $0 < row.key } ?? true }
        return Array(rest.sorted { $0.key < $1.key }.prefix(limit))
    }
}
