/// Sealing for those who may wait.
extension Vault {
    /// As ``seal(_:under:role:at:)``, after the key was brought into locked memory.
    ///
    /// - Returns: `nil` if the key is being destroyed or gone, or nobody bears the pseudonym.
    /// - Throws: ``VaultError/wrongRole``, ``VaultError/unsettled``, the store's errors.
    public func sealLoading(
        _ plaintext: [UInt8], under pseudonym: Pseudonym, role: KeyRole, at place: SlotPlace
    ) async throws -> [UInt8]? {
        // An erasure of somebody else may wipe the key between loading and use.
        for await _ in Attempts() {
            guard case .active = try await load(pseudonym, role: role) else { return nil }
            do throws(VaultError) {
                return try seal(plaintext, under: pseudonym, role: role, at: place)
            } catch {
                guard case .keyNotLoaded = error else { throw error }
            }
        }
        throw VaultError.unsettled
    }
}
