import Foundation
import VestigeLocal

/// A data directory whose newest trail is lost: a backup of it, then an erasure of 42 and a look at 43, and now the backup in its place.
struct LostTrail {
    let folder: Folder
    let origin: String
    let verifierKey: String
    /// Entries in the backup, and before the loss.
    let kept: UInt64
    let size: UInt64
    let checkpoint: String
    /// A copy of the vault from when the backup was made.
    let oldVault: String

    var backups: String { folder.path + "/backups" }

    init(isGone: Bool = false) async throws {
        folder = try Folder()
        let vestige = try await folder.make()
        for id in ["41", "42"] { _ = try await vestige.recorder.record(look(at: id)) }
        oldVault = try await vestige.backUpVault(to: folder.path + "/vaults", by: ana).path
        kept = try await vestige.backUpTrail(to: folder.path + "/backups", by: ana).manifest.size
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: SubjectID(type: "user", id: "42"), role: .subject, caseReference: "E-1", purpose: "audit",
                actor: AuditActor(.user, id: "900")))
        _ = try await vestige.recorder.record(look(at: "43"))
        let newest = try await vestige.trail.checkpoint()
        (origin, verifierKey, size, checkpoint) = (
            vestige.trail.origin, vestige.trail.verifierKey.description, newest.size, newest.note
        )
        try await vestige.close()
        try remove("trail.sqlite")
        if !isGone { try FileManager.default.copyItem(atPath: backup, toPath: folder.file("trail.sqlite")) }
    }

    private var backup: String {
        get throws {
            let name = try FileManager.default.contentsOfDirectory(atPath: backups).first { $0.hasSuffix(".sqlite") }
            return backups + "/" + (name ?? "none")
        }
    }

    func remove(_ name: String) throws {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: folder.file(name) + suffix) }
    }

    func recover() async throws -> RecoveredTrail {
        try await Vestige.recover(folder.place, from: RecoveryEvidence(directory: backups), caseReference: "R-1", by: ana)
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder.place.data).sorted() }
}

func headers(_ trail: Trail) async throws -> [Header] {
    try await trail.entries(Array(0..<(try await trail.checkpoint().size))).compactMap {
        try $0.body.map { try Header(decoding: $0.header) }
    }
}

func pages(_ id: String, in inquiry: Inquiry) async throws -> [String?] {
    try await inquiry.whoViewed(ViewsQuestion(try Reference("user/\(id)")), asker: .keyHolder(ana, purpose: "audit")).views.map(
        \.entry.page)
}
