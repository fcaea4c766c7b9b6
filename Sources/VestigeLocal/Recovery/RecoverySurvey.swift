import Foundation
import VestigeCore
import VestigeCrypto
import VestigePolicy
import VestigeSQLite
import VestigeTrail
import VestigeVault

/// What is left: the vault, and the best copy of the trail that belongs to it. Changes nothing.
struct RecoverySurvey {
    let source: (name: String, directory: String)
    let store: SQLiteTrailStore
    /// Read-only, and verified as a whole.
    let trail: Trail
    let policy: Policy
    let succession: Succession
    let origin: String

    init(
        _ place: Place, _ evidence: RecoveryEvidence, keyring: FileKeyring, vault watermark: Watermark
    ) async throws {
        let directory = evidence.directory
        var isKeyLost = false
        var problems: [String] = []
        let copies = try Self.copies(in: directory, and: place, of: watermark.trail, &problems)
        for (source, store, head) in copies {
            let origin = store.identity.origin
            var keys: [VerifierKey] = []
            if let signing = try keyring.signingKey(for: origin) { keys.append(VerifierKey(name: origin, publicKey: signing.publicKey)) }
            // A change of the signing key may have been cut short; and a copy may be from before the last one.
            if let waiting = try keyring.preparedSigningKey(for: origin) {
                keys.append(VerifierKey(name: origin, publicKey: waiting.publicKey))
            }
            isKeyLost = keys.isEmpty
            if let verifierKey = evidence.verifierKey { keys.append(try VerifierKey(verifierKey)) }
            guard let first = keys.first else {
                throw LocalError.recovery(
                    "the keyring has no signing key of \(origin); nothing was changed. Put the keyring back from its sealed copy, or give the "
                        + "trail's verifier key (--vkey), as `vestige status` printed it: without one nobody can tell that the copy is genuine"
                )
            }
            let key = keys.first { (try? Checkpoint(verifying: head.checkpoint, by: $0)) != nil } ?? first
            let trail: Trail
            do {
                trail = try Trail.openReadOnly(store: store, key: key)
                try Self.refuseBroken(try await trail.verify(), source)
            } catch {
                problems.append("\(source.directory)/\(source.name): \(error)")
                continue
            }
            var seen: (size: UInt64, checkpoint: String) = (watermark.size, watermark.checkpoint)
            for note in evidence.checkpoints {
                let kept = try Self.read(note, try await trail.keyHistory(), keys)
                if kept.size > seen.size { seen = (kept.size, note) }
            }
            if head.size >= seen.size, !seen.checkpoint.isEmpty, try await !trail.goesOn(from: seen.checkpoint) {
                problems.append(
                    "\(source.directory)/\(source.name) is another history than the one that was seen: an older copy was put back once and "
                        + "went on")
                try trail.close()
                continue
            }
            guard head.size < seen.size || isKeyLost else { throw Self.nothingLost(source, head.size, place) }
            let older = try await OlderTrail.all(beneath: trail, in: place)
            for trail in older { try trail.trail.close() }
            let number = (older.first?.number ?? 0) + 1
            let report = try await trail.checkpoint()
            self.source = source
            self.store = store
            self.trail = trail
            self.origin = Self.origin(after: origin, number: number)
            policy = try await AdoptedPolicy.read(from: trail)
            succession = Succession(
                number: number, trail: trail.identity.id.hex, origin: origin, key: key.description, size: report.size,
                root: report.root.base64, seenSize: seen.size, seenCheckpoint: seen.checkpoint)
            return
        }
        throw LocalError.recovery(
            "no copy of this vault's trail was found in \(directory)\(problems.isEmpty ? "" : " (\(problems.joined(separator: "; ")))"); nothing was "
                + "changed. Name the directory of its backups (--from)")
    }

    /// A checkpoint that somebody else kept: by a key that the copy knows of, or by one that came after.
    private static func read(_ note: String, _ history: KeyHistory, _ keys: [VerifierKey]) throws -> Checkpoint {
        for key in keys { if let read = try? Checkpoint(verifying: note, by: key) { return read } }
        return try history.verified(note)
    }

    var plan: RecoveryPlan {
        RecoveryPlan(
            number: succession.number + 1, origin: origin, olderOrigin: succession.origin, source: "\(source.directory)/\(source.name)",
            keptSize: succession.size, seenSize: succession.seenSize, policy: policy.digest.hex, isGoingOn: false)
    }

    private typealias Copy = (source: (name: String, directory: String), store: SQLiteTrailStore, head: StoredHead)

    /// The copies of the trail, the longest first: those in `directory`, and what stands in its place now.
    private static func copies(
        in directory: String, and place: Place, of trail: Bytes16, _ problems: inout [String]
    ) throws -> [Copy] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw LocalError.recovery(
                "\(directory) is not a directory that can be read; nothing was changed, name that of the backups (--from)")
        }
        var sources = names.sorted().filter { $0 == "trail.sqlite" || $0.hasPrefix("trail-") && $0.hasSuffix(".sqlite") }
            .map { (name: $0, directory: directory) }
        if FileManager.default.fileExists(atPath: place.data + "/trail.sqlite") { sources.append(("trail.sqlite", place.data)) }
        var copies: [Copy] = []
        for source in sources {
            do {
                let store = try SQLiteTrailStore.openReadOnly(source.name, in: source.directory)
                guard store.identity.id == trail, let head = try store.head() else { continue }
                if let manifest = BackupManifest.read(besides: source.directory + "/" + source.name), manifest.size != head.size {
                    problems.append("\(source.directory)/\(source.name) is not what its manifest says")
                    continue
                }
                copies.append((source, store, head))
            } catch {
                problems.append("\(source.directory)/\(source.name): \(error)")
            }
        }
        return copies.sorted { $0.head.size > $1.head.size }
    }

    private static func refuseBroken(_ report: TrailReport, _ source: (name: String, directory: String)) throws {
        guard let finding = report.findings.first else { return }
        throw LocalError.recovery("it does not verify: \(finding.message)")
    }

    private static func nothingLost(_ source: (name: String, directory: String), _ size: UInt64, _ place: Place) -> LocalError {
        if source.directory == place.data {
            return .recovery(
                "the trail is in its place, with all \(size) entries that are known of, and verifies: there is nothing to recover; nothing was "
                    + "changed. If more stood in it, give a checkpoint that was kept elsewhere and says so (--against)")
        }
        return .recovery(
            "\(source.directory)/\(source.name) has all \(size) entries that are known of: it need not be recovered; nothing was changed. "
                + "Put it back as \(place.data)/trail.sqlite, remove trail.sqlite-wal and trail.sqlite-shm beside it, and start")
    }

    /// The origin with the number of the trail behind it: `…/2`, then `…/3`.
    private static func origin(after origin: String, number: Int) -> String {
        let suffix = "/\(number)"
        let first = number > 1 && origin.hasSuffix(suffix) ? String(origin.dropLast(suffix.count)) : origin
        return "\(first)/\(number + 1)"
    }
}
