import Foundation
import Testing
import VestigeCrypto
import VestigeLocal

/// What a start does with every pair of trail and vault, and what it says.
@Suite("Putting backups back")
struct PutBackTests {
    private static let files = FileManager.default

    private func person(_ id: String) throws -> SubjectID { try SubjectID(type: "user", id: id) }

    private func erase(_ id: String, in vestige: LocalVestige) async throws {
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try person(id), role: .subject, caseReference: "E-1", purpose: "audit", actor: AuditActor(.user, id: "900")))
    }

    /// A directory with backups of both, taken before 42 was erased and 43 became known.
    private func directory() async throws -> (folder: Folder, trail: String, vault: String) {
        let folder = try Folder()
        let vestige = try await folder.make()
        for id in ["41", "42"] { _ = try await vestige.recorder.record(look(at: id)) }
        let trail = try await vestige.backUpTrail(to: folder.path + "/backups", by: ana).path
        let vault = try await vestige.backUpVault(to: folder.path + "/backups", by: ana).path
        try await erase("42", in: vestige)
        _ = try await vestige.recorder.record(look(at: "43"))
        try await vestige.close()
        return (folder, trail, vault)
    }

    private func put(_ path: String, as name: String, in folder: Folder) throws {
        for suffix in ["", "-wal", "-shm", "-journal"] { try? Self.files.removeItem(atPath: folder.file(name) + suffix) }
        try Self.files.copyItem(atPath: path, toPath: folder.file(name))
    }

    @Test("An older trail alone is refused, and the command that goes on without the newest one is named")
    func trailAlone() async throws {
        let (folder, trail, _) = try await directory()
        try put(trail, as: "trail.sqlite", in: folder)
        let message = try #require(await refusal { try await folder.open().close() })
        #expect(message.contains("an older copy of the trail was put back; nothing was opened"))
        #expect(message.contains("Put back the newest copy") && message.contains("vestige recover --from DIR --case REF"))
    }

    @Test("An older vault alone is healed: the erasure is carried out again, and who became known since has no key")
    func vaultAlone() async throws {
        let (folder, _, vault) = try await directory()
        try put(vault, as: "vault.sqlite", in: folder)
        let vestige = try await folder.open()
        #expect(vestige.dutiesAtOpening.replayed == 1 && vestige.dutiesAtOpening.unanswered.isEmpty)
        #expect(try await vestige.vault.standing(of: person("42"), as: .subject) == .erased)
        #expect(try await vestige.vault.standing(of: person("43"), as: .subject) == .unknown)
        let views = try await vestige.inquiry.whoViewed(
            ViewsQuestion(try Reference("user/41")), asker: .keyHolder(ana, purpose: "audit")
        ).views
        #expect(views.map(\.entry.page) == ["/people/41"])
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
        let again = try await folder.open()
        #expect(again.dutiesAtOpening == Duties())
        try await again.close()
    }

    @Test("Both older: it opens, and only a checkpoint kept elsewhere tells")
    func both() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        // The vault first: one that was copied after the trail has seen more than that.
        let vault = try await vestige.backUpVault(to: folder.path + "/backups", by: ana).path
        let trail = try await vestige.backUpTrail(to: folder.path + "/backups", by: ana).path
        try await erase("42", in: vestige)
        let kept = try await vestige.trail.checkpoint().note
        try await vestige.close()
        try put(trail, as: "trail.sqlite", in: folder)
        try put(vault, as: "vault.sqlite", in: folder)
        let old = try await folder.open()
        #expect(try await old.vault.standing(of: person("42"), as: .subject) != .erased)
        try await old.close()
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
        let finding = try #require(try await Vestige.verify(folder.place, against: [kept]).findings.first)
        #expect(finding.kind == .size && finding.message.contains("an older copy was put back"))
        #expect(finding.message.contains("erasures first"))
    }

    @Test("A vault that saw another history than the trail's is refused: erasures that it never carried out would count as such")
    func twoHistories() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for id in ["41", "42"] { _ = try await vestige.recorder.record(look(at: id)) }
        let common = try await vestige.backUpTrail(to: folder.path + "/backups", by: ana).manifest.size
        try await vestige.close()
        func keep(_ name: String) throws {
            for file in ["trail.sqlite", "vault.sqlite"] {
                for suffix in ["", "-wal"] where Self.files.fileExists(atPath: folder.file(file) + suffix) {
                    try Self.files.copyItem(atPath: folder.file(file) + suffix, toPath: folder.path + "/\(name)-\(file)\(suffix)")
                }
            }
        }
        try keep("old")
        // The first history, which the newer vault has seen.
        let first = try await folder.open()
        for id in 50..<60 { _ = try await first.recorder.record(look(at: "\(id)")) }
        try await first.close()
        try keep("first")
        // Both put back; in the second history 41 is erased at a place that the newer vault counts as replayed.
        for file in ["trail.sqlite", "vault.sqlite"] {
            try put(folder.path + "/old-\(file)", as: file, in: folder)
            if Self.files.fileExists(atPath: folder.path + "/old-\(file)-wal") {
                try Self.files.copyItem(atPath: folder.path + "/old-\(file)-wal", toPath: folder.file(file) + "-wal")
            }
        }
        let second = try await folder.open()
        try await erase("41", in: second)
        for id in 60..<80 { _ = try await second.recorder.record(look(at: "\(id)")) }
        try await second.close()
        // The newer vault was found after all.
        try put(folder.path + "/first-vault.sqlite", as: "vault.sqlite", in: folder)
        let message = try #require(await refusal { try await folder.open().close() })
        #expect(message.contains("another history") && message.contains("nothing was opened") && message.contains("Put back"))
        #expect(try await Vestige.verify(folder.place).findings.contains { $0.kind == .checkpoint })
        // The trail of the first history is lost: what both have in common is left, however long the second one is.
        let recovered = try await Vestige.recover(
            folder.place, from: RecoveryEvidence(directory: folder.path + "/backups"), caseReference: "R-1", by: ana)
        #expect(recovered.plan.keptSize == common && recovered.lostFile == "trail-1.lost.sqlite")
        let again = try await folder.open()
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }

    @Test("An older vault alone: a role that had no key when its person was erased stays without one")
    func roleWithoutKey() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        let vault = try await vestige.backUpVault(to: folder.path + "/backups", by: ana).path
        let erasure = try await vestige.rights.erase(
            ErasureOrder(subject: try person("42"), caseReference: "E-1", purpose: "audit", actor: AuditActor(.user, id: "900")))
        #expect(erasure.roles == [.subject])
        #expect(try await vestige.vault.standing(of: person("42"), as: .acting) == .erased)
        try await vestige.close()
        try put(vault, as: "vault.sqlite", in: folder)
        let again = try await folder.open()
        #expect(again.dutiesAtOpening.replayed == 1)
        for role in [KeyRole.subject, .acting] { #expect(try await again.vault.standing(of: person("42"), as: role) == .erased) }
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
    }

    @Test("A vault from before the last rotation is refused: its key is gone, and a newer copy is asked for")
    func rotated() async throws {
        let (folder, _, vault) = try await directory()
        let vestige = try await folder.open()
        _ = try await vestige.rotateKeys(by: ana)
        let after = try await vestige.backUpVault(to: folder.path + "/backups", by: ana)
        #expect(after.manifest.kek == 2)
        try await vestige.close()
        try put(vault, as: "vault.sqlite", in: folder)
        let message = try #require(await refusal { try await folder.open().close() })
        #expect(message.contains("a copy from before the last rotation") && message.contains("nothing was opened"))
        #expect(message.contains("Put back a backup of the vault that was made after the rotation"))
        try put(after.path, as: "vault.sqlite", in: folder)
        let again = try await folder.open()
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
        // The keyring from before the rotation beside today's vault.
        try Self.files.moveItem(atPath: folder.place.keyring + "/kek-00000002", toPath: folder.path + "/kek")
        let lost = try #require(await refusal { try await folder.open().close() })
        #expect(lost.contains("key-encryption key 2 is not in the keyring") && lost.contains("sealed copy of the keyring"))
        #expect(lost.contains("lost for good; no command brings it back"))
    }

    @Test("Nothing opens without a trail, a vault or a keyring, and each message says what to do")
    func missing() async throws {
        let (folder, _, _) = try await directory()
        func message(without path: String, instead: Data? = nil) async throws -> String {
            let kept = folder.path + "/kept"
            try Self.files.moveItem(atPath: path, toPath: kept)
            if let instead { try instead.write(to: URL(filePath: path)) }
            let message = await refusal { try await folder.open().close() }
            try? Self.files.removeItem(atPath: path)
            try Self.files.moveItem(atPath: kept, toPath: path)
            return message ?? "it opened"
        }
        let trail = try await message(without: folder.file("trail.sqlite"))
        #expect(trail.contains("holds no trail.sqlite") && trail.contains("vestige recover --from DIR --case REF"))
        let vault = try await message(without: folder.file("vault.sqlite"))
        #expect(vault.contains("holds no vault.sqlite") && vault.contains("Put back the newest backup of the vault"))
        #expect(try await message(without: folder.file("vault.sqlite"), instead: Data()).contains("empty or unfinished file"))
        let signing = try await message(without: folder.place.keyring + "/signing-00000001")
        #expect(signing.contains("the trail's signing key; nothing was opened") && signing.contains("vestige recover"))
        let kek = try await message(without: folder.place.keyring + "/kek-00000001")
        #expect(kek.contains("key-encryption key 1 is not in the keyring;") && kek.contains("lost for good"))
        let keyring = try await message(without: folder.place.keyring)
        #expect(keyring.contains("(--keyring)") && keyring.contains("sealed copy"))
        try await folder.open().close()
    }

    @Test("With every backup from before the last of several rotations, and today's keyring, nothing opens")
    func everyOlderBackup() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        var backups: [String] = []
        for number in 0..<3 {
            _ = try await vestige.recorder.record(look(at: "\(number)"))
            backups.append(try await vestige.backUpVault(to: folder.path + "/backups", by: ana).path)
            try await erase("\(number)", in: vestige)
            _ = try await vestige.rotateKeys(by: ana)
        }
        try await vestige.close()
        let today = folder.path + "/today"
        try Self.files.copyItem(atPath: folder.file("vault.sqlite"), toPath: today)
        for backup in backups {
            try put(backup, as: "vault.sqlite", in: folder)
            #expect(await refusal { try await folder.open().close() }?.contains("before the last rotation") == true)
        }
        try put(today, as: "vault.sqlite", in: folder)
        let again = try await folder.open()
        #expect(try await again.status().erased == 3)
        try await again.close()
    }
}
