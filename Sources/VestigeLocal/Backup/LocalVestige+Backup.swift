import Foundation
public import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeSQLite
import VestigeTrail
import VestigeVault

/// Copies of trail and vault, made while hosts go on recording. Never of the keyring.
///
/// Each is written under a name that ends in `.partial`, checked, synced, recorded, and only then given its own name. So a copy that was cut
/// short does not look like a backup, and there is no backup that the trail does not know of. Nothing is ever overwritten.
extension LocalVestige {
    private static let trailAction = "trail.backed_up"
    private static let vaultAction = "key.backed_up"

    /// Copies the trail as of its newest checkpoint into `directory`, with every older trail that it goes on from, and verifies the copy.
    ///
    /// - Parameters:
    ///   - directory: outside of data directory and keyring, of this account alone; made with mode 0700 if its parent is there.
    ///   - progress: entries copied, of how many.
    /// - Throws: ``LocalError/backup(_:)``, ``LocalError/unusable(_:)``, `TrailError`, `RecordingError`: there is no new backup then.
    public func backUpTrail(
        to directory: String, by actor: AuditActor, progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }
    ) async throws -> Backup {
        let target = try await blocking { [place] in try BackupDirectory(directory, for: place) }
        defer { target.release() }
        let older = try await older.asyncMap { try await copy($0, into: target) }
        let now = clock()
        let name = "trail-\(BackupName.stamp(now))"
        return try await dropping(name, in: target) {
            let manifest = try await copy(trailStore, of: trail, as: name, at: now, into: target, progress)
            let seq = try await note(Self.trailAction, manifest, ["size": .integer(Int64(manifest.size))], by: actor)
            try await keep(manifest, as: name, in: target)
            return Backup(manifest: manifest, path: target.file(manifest.file), seq: seq, older: older)
        }
    }

    /// Copies the vault into `directory`, by VACUUM INTO, and opens the copy with today's keyring. Parameters and errors as for
    /// ``backUpTrail(to:by:progress:)``; it is refused too while a rotation is under way. A policy says how long such a copy may live.
    public func backUpVault(to directory: String, by actor: AuditActor) async throws -> Backup {
        let target = try await blocking { [place] in try BackupDirectory(directory, for: place) }
        defer { target.release() }
        let now = clock()
        let name = "vault-\(BackupName.stamp(now))"
        return try await dropping(name, in: target) {
            let partial = target.partial(name + ".sqlite")
            try await blocking { [place] in try SQLiteVaultStore.copy(in: place.data, to: partial, in: target.path) }
            let meta = try await checked(vault: partial, in: target)
            let root = try? await trail.keyHistory().verified(meta.watermark.checkpoint).root.base64
            let manifest = try await manifest(name, at: now, in: target) {
                BackupManifest(
                    what: .vault, file: name + ".sqlite", sha256: $0, bytes: $1, time: now.description, origin: trail.origin,
                    trail: meta.watermark.trail.hex, size: meta.watermark.size, root: root ?? "", vault: meta.vault.hex,
                    kek: meta.currentKEK)
            }
            let seq = try await note(Self.vaultAction, manifest, ["kek": .integer(Int64(meta.currentKEK))], by: actor)
            try await keep(manifest, as: name, in: target)
            return Backup(manifest: manifest, path: target.file(manifest.file), seq: seq, older: [])
        }
    }

    // MARK: Copying

    private func copy(
        _ store: SQLiteTrailStore, of trail: Trail, as name: String, at now: Timestamp, into target: BackupDirectory,
        _ progress: @escaping @Sendable (UInt64, UInt64) -> Void
    ) async throws -> BackupManifest {
        let partial = target.partial(name + ".sqlite")
        let head = try await blocking { try store.copy(to: partial, in: target.path, progress: progress) }
        let copy = try Trail.openReadOnly(store: try SQLiteTrailStore.openReadOnly(partial, in: target.path), key: trail.verifierKey)
        let report = try await copy.verify(against: [head.checkpoint])
        try copy.close()
        if let finding = report.findings.first {
            throw LocalError.backup(
                "the copy of the trail does not verify (\(finding.message)); it was not kept. Run `vestige verify`: if that finds the trail "
                    + "broken, stop every process and keep its files as evidence, otherwise ask again")
        }
        return try await manifest(name, at: now, in: target) {
            BackupManifest(
                what: .trail, file: name + ".sqlite", sha256: $0, bytes: $1, time: now.description, origin: trail.origin,
                trail: trail.identity.id.hex, size: head.size, root: report.head.root.base64)
        }
    }

    /// An older trail never changes: one copy is enough. Returns its path.
    private func copy(_ older: OlderTrail, into target: BackupDirectory) async throws -> String {
        let name = String(older.fileName.dropLast(".sqlite".count))
        guard !DurableFile.exists(target.file(older.fileName)) else {
            guard Self.isCopy(older, in: target) else {
                throw LocalError.backup(
                    "\(target.file(older.fileName)) is there already and is no copy of this older trail; nothing was copied. Give each data "
                        + "directory a directory of its own for its backups, or move that file away and ask again")
            }
            return target.file(older.fileName)
        }
        return try await dropping(name, in: target) {
            let manifest = try await copy(older.store, of: older.trail, as: name, at: clock(), into: target) { _, _ in }
            try await keep(manifest, as: name, in: target)
            return target.file(manifest.file)
        }
    }

    /// Whether what bears the name is the trail, as long and with the same end.
    private static func isCopy(_ older: OlderTrail, in target: BackupDirectory) -> Bool {
        guard let store = try? SQLiteTrailStore.openReadOnly(older.fileName, in: target.path) else { return false }
        defer { try? store.close() }
        guard store.identity == older.store.identity, let head = try? store.head() else { return false }
        return head == (try? older.store.head())
    }

    /// A copy that does not open with today's keyring is none.
    private func checked(vault name: String, in target: BackupDirectory) async throws -> VaultMeta {
        let store = try SQLiteVaultStore.open(name, in: target.path)
        defer { try? store.close() }
        guard let meta = try await store.meta(), meta.vault == vault.id else {
            throw LocalError.backup("the copy of the vault is not of this vault; it was not kept, ask again")
        }
        guard meta.leastKEK == meta.currentKEK else {
            throw LocalError.backup(
                "a rotation of the keys is under way: a copy from its middle would open no more once the old key is gone; nothing was kept. "
                    + "Finish it with `vestige keys rotate --yes`, then ask again")
        }
        _ = try await Vault.open(store: store, keyring: keyring, now: { [clock] in clock().microseconds }, slabCapacity: 16)
        return meta
    }

    // MARK: Keeping

    private func manifest(
        _ name: String, at now: Timestamp, in target: BackupDirectory, _ make: (_ sha256: String, _ bytes: Int) -> BackupManifest
    ) async throws -> BackupManifest {
        let path = target.file(target.partial(name + ".sqlite"))
        let digest = try await blocking {
            try DurableFile.sync(path)
            return try DurableFile.digest(of: path)
        }
        return make(digest.hex, DurableFile.byteCount(path))
    }

    private func note(
        _ action: String, _ manifest: BackupManifest, _ details: [String: HeaderDetail], by actor: AuditActor
    ) async throws -> UInt64 {
        var entry = BuiltInEntry(action: action, event: Event.completed.rawValue, actor: actor)
        entry.details = details
        entry.details["sha256"] = .code(manifest.sha256)
        return try await recorder.record(entry).seq
    }

    /// The manifest first: where the copy stands under its name, everything does.
    private func keep(_ manifest: BackupManifest, as name: String, in target: BackupDirectory) async throws {
        let bytes = try manifest.encoded()
        try await blocking {
            try DurableFile.write(bytes, to: target.file(target.partial(name + ".json")))
            try target.keep(name + ".json")
            try target.keep(name + ".sqlite")
        }
    }

    private func dropping<Outcome>(_ name: String, in target: BackupDirectory, _ body: () async throws -> Outcome) async throws -> Outcome {
        do {
            return try await body()
        } catch {
            target.drop(name)
            throw error
        }
    }
}

/// Names of backups sort by time.
enum BackupName {
    /// `20260504T091233.000412Z`
    static func stamp(_ time: Timestamp) -> String { time.description.filter { $0 != "-" && $0 != ":" } }
}

extension Array {
    fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
