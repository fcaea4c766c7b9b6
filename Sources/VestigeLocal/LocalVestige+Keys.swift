public import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeTrail
public import VestigeVault

/// What rotating the keys of a data directory did.
public struct KeyRotation: Sendable, Equatable {
    public let rotation: Rotation
    /// The place of the entry `key.rotated`.
    public let seq: UInt64
}

extension LocalVestige {
    private static let rotatedAction = "key.rotated"

    /// Puts everything in the vault under a new key-encryption key and destroys the old one, or goes on with a rotation that was cut short.
    /// Backups of the vault from before become worthless. The entry `key.rotated` stands in the trail before the old key goes.
    ///
    /// Who may ask for it is the caller's to check (the key holder).
    ///
    /// - Throws: ``VaultError``, ``RecordingError``; asking again goes on where it stopped.
    public func rotateKeys(by actor: AuditActor, progress: (RotationProgress) -> Void = { _ in }) async throws -> KeyRotation {
        let rotation = try await vault.rotate(
            beforeRetiring: { [self] kek in _ = try await recordRotation(to: kek, by: actor) }, progress: progress)
        // It stands by now, unless the trail was put back to an older copy after the crash that this call goes on from.
        return KeyRotation(rotation: rotation, seq: try await recordRotation(to: rotation.kek, by: actor))
    }

    /// Which key-encryption keys vault and keyring have, and what is left of a rotation under way.
    public func keyStatus() async throws -> KeyStatus { try await vault.keyStatus() }

    /// The same in every process, so that two who rotate at once write one entry. It tells no time.
    private static func entryID(vault: Bytes16, kek: UInt32) -> EntryID? {
        var raw =
            [UInt8](repeating: 0, count: 6)
            + sha256(Array("vestige/rotated/v1".utf8) + [0] + vault.bytes + Array("\(kek)".utf8)).bytes[..<10]
        raw[6] = 0x70 | raw[6] & 0x0F
        raw[8] = 0x80 | raw[8] & 0x3F
        return Bytes16(raw).flatMap { EntryID($0) }
    }

    /// Once for each key: a rotation that goes on after a crash finds the entry that the first attempt wrote.
    private func recordRotation(to kek: UInt32, by actor: AuditActor) async throws -> UInt64 {
        var query = IndexQuery(limit: 1)
        query.channels = [Code.complianceChannel]
        query.actions = [Self.rotatedAction]
        if let newest = try await trail.page(query).first, newest.body != nil {
            let header = try await trail.proven(newest).header
            if header.channel == Code.complianceChannel, case .integer(let known)? = header.details["kek"], known >= kek {
                return newest.seq
            }
        }
        var entry = BuiltInEntry(action: Self.rotatedAction, event: Event.rotated.rawValue, actor: actor)
        entry.id = Self.entryID(vault: vault.id, kek: kek)
        entry.details = ["kek": .integer(Int64(kek))]
        return try await recorder.record(entry).seq
    }
}
