import Foundation
import TestSupport
import Testing
import VestigeLocal
import VestigeSQLite

@Suite("Recovering from the loss of the newest trail")
struct RecoveryTests {
    @Test(
        "opens a new trail that says from which it goes on and what is missing; the old one is asked and verified beside it",
        arguments: [false, true])
    func recovered(isGone: Bool) async throws {
        let lost = try await LostTrail(isGone: isGone)
        let plan = try await Vestige.planRecovery(lost.folder.place, from: RecoveryEvidence(directory: lost.backups))
        #expect(plan.number == 2 && plan.origin == lost.origin + "/2" && plan.missing == lost.kept..<lost.size)
        let untouched = try lost.names()
        #expect(untouched.contains("trail.sqlite") == !isGone && !untouched.contains("recovery"))
        let recovered = try await lost.recover()
        #expect(recovered.plan.missing == lost.kept..<lost.size && !recovered.plan.isGoingOn && recovered.replayed == 0)
        #expect(recovered.lostFile == (isGone ? nil : "trail-1.lost.sqlite"))
        let expected = isGone ? ["trail-1.sqlite", "trail.sqlite"] : ["trail-1.lost.sqlite", "trail-1.sqlite", "trail.sqlite"]
        #expect(try lost.names().filter { $0.hasPrefix("trail") && $0.hasSuffix("sqlite") } == expected)
        #expect(try lost.names().contains("recovery") == false)

        let vestige = try await lost.folder.open()
        #expect(vestige.trail.origin == lost.origin + "/2" && vestige.trail.verifierKey.description == recovered.verifierKey)
        #expect(vestige.policy == (try examplePolicy()))
        let first = try #require(try await headers(vestige.trail).first)
        #expect(first.action == "trail.recovered" && first.event == "recovered" && first.channel == "compliance")
        let missing: [String: HeaderDetail] = [
            "trail": .integer(2), "missing_from": .integer(Int64(lost.kept)), "missing_to": .integer(Int64(lost.size)),
        ]
        #expect(first.details == missing)
        let entry = try #require(try await vestige.trail.entries([0]).first?.body)
        let clear = try #require(try Payload(decoding: entry.payload).items.first { $0.kind == .clear })
        let text = String(decoding: clear.bytes, as: UTF8.self)
        // The last known checkpoint, its line breaks as JSON has them.
        #expect(text.contains(lost.verifierKey) && text.contains(lost.checkpoint.split(separator: "\n")[2]))
        #expect(!text.contains("R-1"))
        #expect(try await headers(vestige.trail).map(\.action) == ["trail.recovered", "policy.adopted"])
        // Slots of the older trail open there, under its own id; the erasure that stood in the missing range holds.
        let older = try vestige.inquiry(of: 1)
        #expect(try await pages("41", in: older) == ["/people/41"])
        #expect(try await pages("41", in: vestige.inquiry) == [])
        #expect(try await pages("42", in: older) == [])
        #expect(try await vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject) == .erased)
        let asked = try #require(try await headers(vestige.trail).first { $0.action == "audit.who_viewed" })
        #expect(asked.details["trail"] == .integer(1))
        #expect(await refusal { _ = try vestige.inquiry(of: 7) }?.contains("known are 1") == true)
        _ = try await vestige.recorder.record(look(at: "44"))
        #expect(try await vestige.verify().verdict == .intact)
        #expect(try await vestige.status().older.map(\.size) == [lost.kept])
        let kept = try #require(try await vestige.older.first?.trail.checkpoint().note)
        try await vestige.close()
        #expect(try await Vestige.verify(lost.folder.place).verdict == .intact)
        // One that the older trail leads to is told as compared.
        for scope in [VerificationScope.everything, .sinceLast] {
            let compared = try await Vestige.verify(lost.folder.place, against: [kept], scope: scope)
            #expect(compared.verdict == .intact && compared.consistent.isEmpty)
            #expect(compared.consistentOlder == [OlderCheckpoint(trail: 1, size: lost.kept)])
        }
        // A checkpoint kept from before shows what is missing, with the reason.
        let findings = try await Vestige.verify(lost.folder.place, against: [lost.checkpoint]).findings
        #expect(findings.map(\.kind) == [.size] && findings.first?.message.contains("declared entries") == true)
    }

    @Test("An export of the older trail holds all of it, and says of which trail it is")
    func export() async throws {
        let lost = try await LostTrail()
        _ = try await lost.recover()
        let vestige = try await lost.folder.open()
        var count = 0
        let summary = try await vestige.inquiry(of: 1).export(
            EntryFilter([]), format: .ndjson, limit: nil, asker: .keyHolder(ana, purpose: "audit")
        ) { count += $0.count }
        #expect(count == Int(lost.kept) && summary.total == Int(lost.kept) && !summary.isTruncated)
        #expect(try await vestige.inquiry(of: 1).checkpoint().origin == lost.origin)
        try await vestige.close()
    }

    @Test("A vault put back from before the recovery follows, and the erasures of both trails are carried out again")
    func oldVault() async throws {
        let lost = try await LostTrail()
        // In what is left of the old trail nobody was erased; so erase in the new one, and 41 in an old trail of the next generation.
        _ = try await lost.recover()
        let vestige = try await lost.folder.open()
        let order = ErasureOrder(
            subject: try SubjectID(type: "user", id: "41"), role: .subject, caseReference: "E-2", purpose: "audit",
            actor: AuditActor(.user, id: "900"))
        _ = try await vestige.rights.erase(order)
        try await vestige.close()
        try lost.remove("vault.sqlite")
        try FileManager.default.copyItem(atPath: lost.oldVault, toPath: lost.folder.file("vault.sqlite"))
        let again = try await lost.folder.open()
        #expect(again.dutiesAtOpening.replayed == 1)
        #expect(try await again.vault.standing(of: SubjectID(type: "user", id: "41"), as: .subject) == .erased)
        // 42 was erased in the missing range, and this vault is from before: nothing knows it any more. The operator was told.
        #expect(try await again.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject) != .erased)
        try await again.close()

        // A second loss: trail 2 becomes an older one, and its erasure is replayed from there.
        let next = try await lost.folder.open()
        _ = try await next.backUpTrail(to: lost.backups, by: ana)
        _ = try await next.recorder.record(look(at: "45"))
        try await next.close()
        try lost.remove("trail.sqlite")
        let recovered = try await lost.recover()
        #expect(recovered.plan.origin == lost.origin + "/3" && recovered.plan.olderFile == "trail-2.sqlite")
        try lost.remove("vault.sqlite")
        try FileManager.default.copyItem(atPath: lost.oldVault, toPath: lost.folder.file("vault.sqlite"))
        let third = try await lost.folder.open()
        #expect(third.older.map(\.number) == [2, 1] && third.dutiesAtOpening.replayed == 1)
        #expect(try await third.vault.standing(of: SubjectID(type: "user", id: "41"), as: .subject) == .erased)
        #expect(try await pages("43", in: third.inquiry(of: 1)) == [])
        #expect(try await third.verify().verdict == .intact)
        // A backup takes the older trails along, once.
        let backup = try await third.backUpTrail(to: lost.folder.path + "/new", by: ana)
        #expect(backup.older.map { ($0 as NSString).lastPathComponent } == ["trail-2.sqlite", "trail-1.sqlite"])
        let names = try FileManager.default.contentsOfDirectory(atPath: lost.folder.path + "/new")
        _ = try await third.backUpTrail(to: lost.folder.path + "/new", by: ana)
        #expect(names.count == 6)
        #expect(try FileManager.default.contentsOfDirectory(atPath: lost.folder.path + "/new").count == 8)
        try await third.close()
    }

    @Test("An older trail that is gone or another keeps the directory shut, and says where it is to be had")
    func missingOlder() async throws {
        let lost = try await LostTrail()
        _ = try await lost.recover()
        let path = lost.folder.file("trail-1.sqlite")
        try FileManager.default.moveItem(atPath: path, toPath: lost.folder.path + "/kept")
        let gone = await refusal { try await lost.folder.open().close() }
        #expect(gone?.contains("trail-1.sqlite is missing") == true && gone?.contains("backup of the trail") == true)
        let other = try Folder()
        let vestige = try await other.make()
        let copy = try await vestige.backUpTrail(to: other.path + "/backups", by: ana).path
        try await vestige.close()
        try FileManager.default.copyItem(atPath: copy, toPath: path)
        #expect(await refusal { try await lost.folder.open().close() }?.contains("is not the trail that this one goes on from") == true)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: lost.folder.path + "/kept", toPath: path)
        try await lost.folder.open().close()
    }

    @Test("Certificates of the older trail are given again with its proofs, and the case of an acting key that waits is not lost")
    func certificates() async throws {
        let folder = try Folder()
        // One moment for all of it: no day begins in between.
        let now = LocalVestige.systemClock()
        let vestige = try await folder.make(clock: { now })
        let boss = AuditActor(.user, id: "900")
        _ = try await vestige.recorder.record(look(at: "42"))
        var entry = look(at: "7")
        entry.actor = boss
        _ = try await vestige.recorder.record(entry)
        let order = ErasureOrder(subject: try SubjectID(type: "user", id: "7"), caseReference: "E-7", purpose: "audit", actor: boss)
        let erasure = try await vestige.rights.erase(order)
        let days = try #require(erasure.deferredUntil) - Int(now.day)
        let key = vestige.trail.verifierKey
        _ = try await vestige.backUpTrail(to: folder.path + "/backups", by: boss)
        _ = try await vestige.recorder.record(entry)
        try await vestige.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.file("trail.sqlite" + suffix)) }
        _ = try await Vestige.recover(
            folder.place, from: RecoveryEvidence(directory: folder.path + "/backups"), caseReference: "R-1", by: boss, clock: { now })
        let after = try await folder.open(acceptingClock: true, clock: { now.adding(days: Int64(days)) })
        #expect(after.dutiesAtOpening.dueKeys == 1)
        let kept = try await after.rights.certificates(.caseReference("E-7"), by: boss, purpose: "audit")
        #expect(kept.unreadable == 0 && kept.certificates.map(\.facts.roles) == [[.subject], [.acting]])
        for (certificate, key) in zip(kept.certificates, [key, after.trail.verifierKey]) {
            #expect(Certificate.check(certificate.json(), by: key).findings.isEmpty)
        }
        #expect(kept.certificates.first?.body == erasure.certificate?.body)
        try await after.close()
    }

    @Test("A backup does not take another trail under the name of an older one for a copy of it")
    func sharedBackups() async throws {
        let lost = try await LostTrail()
        _ = try await lost.recover()
        let other = try await LostTrail()
        _ = try await other.recover()
        let shared = lost.folder.path + "/shared"
        let stranger = try await other.folder.open()
        _ = try await stranger.backUpTrail(to: shared, by: ana)
        try await stranger.close()
        let vestige = try await lost.folder.open()
        let before = try FileManager.default.contentsOfDirectory(atPath: shared).sorted()
        let message = await refusal { _ = try await vestige.backUpTrail(to: shared, by: ana) }
        #expect(message?.contains("no copy of this older trail; nothing was copied") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: shared).sorted() == before)
        for _ in 0..<2 { #expect(try await vestige.backUpTrail(to: shared + "-own", by: ana).older.count == 1) }
        try await vestige.close()
    }

    @Test("What somebody changed in an older trail is found", .enabled(if: Program.python != nil, "there is no python3"))
    func tampered() async throws {
        let lost = try await LostTrail()
        _ = try await lost.recover()
        let script = """
            import os, sqlite3, sys
            os.chmod(sys.argv[1], 0o600)
            c = sqlite3.connect(sys.argv[1])
            rules = c.execute("select name, sql from sqlite_master where type='trigger'").fetchall()
            for (name, _) in rules: c.execute(f'drop trigger "{name}"')
            c.execute("update bodies set payload = x'00' where seq = 1")
            for (_, sql) in rules: c.execute(sql)
            c.commit()
            """
        #expect(try await Program.run("python3", ["-c", script, lost.folder.file("trail-1.sqlite")]).exit == 0)
        let findings = try await Vestige.verify(lost.folder.place).findings
        #expect(findings.contains { $0.kind == .payload && $0.message.hasPrefix("trail-1.sqlite, entry 1:") })
    }

    @Test("is refused where there is nothing to recover, or no way to, and changes nothing")
    func refused() async throws {
        let lost = try await LostTrail()
        let before = try lost.names()
        func message(from directory: String? = nil) async -> String {
            let directory = directory ?? lost.backups
            return await refusal {
                _ = try await Vestige.recover(
                    lost.folder.place, from: RecoveryEvidence(directory: directory), caseReference: "R-1", by: ana)
            } ?? "it was recovered"
        }
        #expect(await message(from: lost.folder.path + "/nowhere").contains("is not a directory"))
        // What stands in its place is a copy too; take it away.
        try FileManager.default.moveItem(atPath: lost.folder.file("trail.sqlite"), toPath: lost.folder.path + "/aside")
        #expect(await message(from: lost.folder.path + "/vaults").contains("no copy of this vault's trail"))
        try FileManager.default.moveItem(atPath: lost.folder.path + "/aside", toPath: lost.folder.file("trail.sqlite"))
        // Somebody has it open.
        #expect(try lost.names() == before)
        let whole = try Folder()
        let vestige = try await whole.make()
        let busy = await refusal {
            _ = try await Vestige.recover(whole.place, from: RecoveryEvidence(directory: lost.backups), caseReference: "R-1", by: ana)
        }
        #expect(busy?.contains("process \(getpid()) has") == true && busy?.contains("stop it first") == true)
        let backup = try await vestige.backUpTrail(to: whole.path + "/backups", by: ana)
        try await vestige.close()
        let nothing = await refusal {
            _ = try await Vestige.recover(
                whole.place, from: RecoveryEvidence(directory: whole.path + "/backups"), caseReference: "R-1", by: ana)
        }
        #expect(nothing?.contains("there is nothing to recover") == true)
        // A backup as new as the vault needs no recovery.
        let trail = whole.file("trail.sqlite")
        try FileManager.default.createDirectory(atPath: whole.path + "/newest", withIntermediateDirectories: false)
        try FileManager.default.moveItem(atPath: trail, toPath: whole.path + "/newest/trail.sqlite")
        let newest = await refusal {
            _ = try await Vestige.recover(
                whole.place, from: RecoveryEvidence(directory: whole.path + "/newest"), caseReference: "R-1", by: ana)
        }
        #expect(newest?.contains("it need not be recovered") == true && newest?.contains("Put it back as") == true)
        #expect(backup.manifest.size == 1)
        #expect(
            await refusal {
                _ = try await Vestige.recover(whole.place, from: RecoveryEvidence(directory: "x"), caseReference: "", by: ana)
            }?.contains("a case") == true)
    }

    @Test("A broken copy is passed over for an older one that is whole", .enabled(if: Program.python != nil, "there is no python3"))
    func brokenCopy() async throws {
        let lost = try await LostTrail(isGone: true)
        let script = """
            import glob, shutil, sqlite3, sys
            good = glob.glob(sys.argv[1] + "/trail-*.sqlite")[0]
            bad = sys.argv[1] + "/trail-9.sqlite"
            shutil.copy(good, bad)
            c = sqlite3.connect(bad)
            rules = c.execute("select name, sql from sqlite_master where type='trigger'").fetchall()
            for (name, _) in rules: c.execute(f'drop trigger "{name}"')
            c.execute("update bodies set payload = x'00' where seq = 1")
            for (_, sql) in rules: c.execute(sql)
            c.commit()
            """
        #expect(try await Program.run("python3", ["-c", script, lost.backups]).exit == 0)
        let plan = try await Vestige.planRecovery(lost.folder.place, from: RecoveryEvidence(directory: lost.backups))
        #expect(plan.source?.hasSuffix("trail-9.sqlite") == false)
        _ = try await lost.recover()
        let vestige = try await lost.folder.open()
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    @Test("A lost signing key: nothing is missing, the copy is held against the verifier key, and the new trail has a new key")
    func lostSigningKey() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "41"))
        let key = vestige.trail.verifierKey.description
        let size = try await vestige.trail.checkpoint().size
        try await vestige.close()
        try FileManager.default.removeItem(atPath: folder.place.keyring + "/signing-00000001")
        let without = await refusal {
            _ = try await Vestige.recover(folder.place, from: RecoveryEvidence(directory: folder.place.data), caseReference: "R-1", by: ana)
        }
        #expect(without?.contains("--vkey") == true)
        let other = try Folder()
        let foreign = try await other.make()
        let foreignKey = foreign.trail.verifierKey.description
        try await foreign.close()
        #expect(
            await refusal {
                _ = try await Vestige.recover(
                    folder.place, from: RecoveryEvidence(directory: folder.place.data, verifierKey: foreignKey), caseReference: "R-1",
                    by: ana)
            } != nil)
        let recovered = try await Vestige.recover(
            folder.place, from: RecoveryEvidence(directory: folder.place.data, verifierKey: key), caseReference: "R-1", by: ana)
        #expect(recovered.plan.keptSize == size && recovered.plan.missing.isEmpty)
        let again = try await folder.open()
        #expect(try await pages("41", in: again.inquiry(of: 1)) == ["/people/41"])
        #expect(try await again.verify().verdict == .intact)
        try await again.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.place.keyring).sorted() == ["kek-00000001", "signing-00000002"])
    }

    @Test("Acts that waited in a spool for the old trail come to the new one, sealed for it")
    func spool() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        let backups = folder.path + "/backups"
        _ = try await vestige.backUpTrail(to: backups, by: ana)
        // The vault is not told before the next minute; somebody outside knows.
        let kept = try await vestige.trail.checkpoint().note
        let (begun, end) = (AsyncStream.makeStream(of: Void.self), AsyncStream.makeStream(of: Void.self))
        let entry = Entry(
            event: "updated", actor: ana, record: RecordReference(type: "user", id: "42"), purpose: "support", changes: [:])
        let act = Task {
            try await vestige.recorder.act(entry) { _ in
                begun.continuation.yield()
                for await _ in end.stream {}
            }
        }
        for await _ in begun.stream { break }
        let place = try await folder.copyLive()
        end.continuation.finish()
        try await act.value
        try await vestige.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: place.data) where name.hasPrefix("trail.sqlite") {
            try FileManager.default.removeItem(atPath: place.data + "/" + name)
        }
        _ = try await Vestige.recover(place, from: RecoveryEvidence(directory: backups, checkpoints: [kept]), caseReference: "R-1", by: ana)
        let next = try await Vestige.open(place, keyring: nil)
        let told = try #require(
            try await next.inquiry.entries(EntryFilter([("action", "user.updated")]), limit: 5, asker: .keyHolder(ana, purpose: "audit"))
                .entries.first)
        #expect(told.header?.details["outcome"] == .code("unknown") && told.actor?.name == "Ana Lima" && !told.isUnreadable)
        #expect(told.subjects.first?.recordID == "42")
        #expect(try await next.verify().verdict == .intact)
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.data + "/spool").isEmpty)
        try await next.close()
    }
}
