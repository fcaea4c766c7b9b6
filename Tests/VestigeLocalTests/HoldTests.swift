import Foundation
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeSQLite
import VestigeTesting

@Suite("A hold in a data directory")
struct HoldTests {
    private let boss = AuditActor(.user, id: "900", name: "Officer")
    private let target = HoldTarget.named(type: "user", id: "42")

    private func order(_ reference: String = "L-1") -> HoldOrder {
        HoldOrder(target, caseReference: reference, purpose: "audit", actor: boss, because: "court order")
    }

    private func erase(_ vestige: LocalVestige) async throws {
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: "42"), role: .subject, caseReference: "E-1", purpose: "audit", actor: boss))
    }

    private func swap(_ name: String, with copy: String) throws {
        try FileManager.default.removeItem(atPath: name)
        try FileManager.default.copyItem(atPath: copy, toPath: name)
    }

    @Test("outlives the loss of the trail that it was placed in: held again and released in the new one, it is over")
    func recovered() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        _ = try await vestige.backUpTrail(to: folder.path + "/backups", by: boss)
        _ = try await vestige.rights.hold(order())
        try await vestige.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.file("trail.sqlite" + suffix)) }
        _ = try await Vestige.recover(
            folder.place, from: RecoveryEvidence(directory: folder.path + "/backups"), caseReference: "R-1", by: boss)
        let after = try await folder.open()
        await #expect(throws: RightsError.held) { try await erase(after) }
        _ = try await after.nightly()
        await #expect(throws: RightsError.held) { try await erase(after) }
        _ = try await after.rights.hold(order("L-2"))
        _ = try await after.rights.release(HoldReleaseOrder(target, caseReference: "L-2", purpose: "audit", actor: boss))
        try await erase(after)
        #expect(try await after.verify().verdict == .intact)
        try await after.close()
    }

    @Test("of an older trail stands in the one that goes on from it, with its own case, until that case releases it there")
    func olderTrail() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        _ = try await vestige.recorder.record(
            Entry(
                event: "read", actor: ana, record: RecordReference(type: "hardware", id: "142"), subjects: [], purpose: "support",
                page: "/hardware/142"))
        for reference in ["L-1", "L-2"] { _ = try await vestige.rights.hold(order(reference)) }
        let hardware = HoldTarget.named(type: "hardware", id: "142")
        _ = try await vestige.rights.hold(HoldOrder(hardware, caseReference: "L-3", purpose: "audit", actor: boss))
        _ = try await vestige.backUpTrail(to: folder.path + "/backups", by: boss)
        try await vestige.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: folder.file("trail.sqlite" + suffix)) }
        _ = try await Vestige.recover(
            folder.place, from: RecoveryEvidence(directory: folder.path + "/backups"), caseReference: "R-1", by: boss)
        let after = try await folder.open()
        let listed = try await after.holds(asker: .keyHolder(ana, purpose: "audit"))
        #expect(listed.map(\.entry.caseReference) == ["L-1", "L-2", "L-3"] && listed.allSatisfy { $0.hold.trail == 1 })
        #expect(try await after.rights.heldNow().records == [RecordHandle(type: "hardware", id: "142")])
        // One case of two, and then one that comes and goes: the other stands on.
        _ = try await after.rights.release(HoldReleaseOrder(target, caseReference: "L-1", purpose: "audit", actor: boss))
        _ = try await after.rights.hold(order("L-4"))
        _ = try await after.rights.release(HoldReleaseOrder(target, caseReference: "L-4", purpose: "audit", actor: boss))
        await #expect(throws: RightsError.held) { try await erase(after) }
        _ = try await after.rights.release(HoldReleaseOrder(target, caseReference: "L-2", purpose: "audit", actor: boss))
        try await erase(after)
        _ = try await after.rights.release(HoldReleaseOrder(hardware, caseReference: "L-3", purpose: "audit", actor: boss))
        #expect(try await after.rights.holds().isEmpty)
        #expect(try await after.verify().verdict == .intact)
        try await after.close()
    }

    @Test("stands again after an older vault was put back, and a released one does not")
    func restored() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        try await vestige.close()
        let (before, during) = (folder.path + "/before.sqlite", folder.path + "/during.sqlite")
        try FileManager.default.copyItem(atPath: folder.file("vault.sqlite"), toPath: before)
        let holding = try await folder.open()
        _ = try await holding.rights.hold(order())
        try await holding.close()
        try FileManager.default.copyItem(atPath: folder.file("vault.sqlite"), toPath: during)

        try swap(folder.file("vault.sqlite"), with: before)
        let held = try await folder.open()
        #expect(try await held.vault.heldPseudonyms().count == 1)
        await #expect(throws: RightsError.held) { try await erase(held) }
        // Whoever placed it is not known to that vault: the hold is named by its id.
        let hold = try #require(try await held.rights.holds().first)
        await #expect(throws: RightsError.noHoldOfCase(unreadable: 1)) {
            try await held.rights.release(HoldReleaseOrder(target, caseReference: "L-1", actor: boss))
        }
        _ = try await held.rights.release(HoldReleaseOrder(target, caseReference: "L-1", hold: hold.id, actor: boss))
        try await held.close()

        try swap(folder.file("vault.sqlite"), with: during)
        let released = try await folder.open()
        #expect(try await released.vault.heldPseudonyms().isEmpty)
        try await erase(released)
        #expect(try await released.verify().verdict == .intact)
        try await released.close()
    }

    @Test("is in the vault at the next opening wherever placing or releasing it was cut short", arguments: Interruption.Moment.allCases)
    func crashed(_ moment: Interruption.Moment) async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        try await vestige.close()
        for call in 1...12 {
            let store = try SQLiteVaultStore.open(in: folder.place.data)
            let crash = Interruption(at: call, moment)
            let vault = try await Vault.open(
                store: InterruptedVaultStore(store, by: crash), keyring: try FileKeyring(directory: folder.place.keyring),
                now: { LocalVestige.systemClock().microseconds })
            let opened = try await folder.open()
            let recorder = Recorder(policy: opened.policy, vault: vault, trail: opened.trail, clock: LocalVestige.systemClock)
            let rights = Rights(
                recorder: recorder, vault: vault, trail: opened.trail, desk: InMemoryDeskStore(), clock: LocalVestige.systemClock)
            let wasHeld = try await !opened.rights.holds().isEmpty
            crash.arm()
            if wasHeld {
                _ = try? await rights.release(HoldReleaseOrder(target, caseReference: "L-\(call - 1)", actor: boss))
            } else {
                _ = try? await rights.hold(order("L-\(call)"))
            }
            try await opened.close()
            try store.close()
            let after = try await folder.open()
            let holds = try await after.rights.holds()
            #expect(try await after.vault.heldPseudonyms().isEmpty == holds.isEmpty)
            for hold in holds {
                _ = try await after.rights.release(HoldReleaseOrder(target, caseReference: "L", hold: hold.id, actor: boss))
            }
            if call % 2 == 0 { _ = try await after.rights.hold(order("L-\(call)")) }
            try await after.close()
        }
        #expect(try await Vestige.verify(folder.place).verdict == .intact)
    }

    @Test("is listed with who, whom and why as far as the asker may see, and the question is recorded")
    func listed() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        let hold = try await vestige.rights.hold(order())
        let all = try await vestige.holds(asker: .keyHolder(ana, purpose: "audit"))
        let person = try SubjectID(type: "user", id: "42")
        #expect(all.map(\.hold) == [hold] && all[0].person == person)
        #expect(all[0].entry.caseReference == "L-1" && all[0].entry.justification == "court order" && all[0].entry.actor?.name == "Officer")
        let some = try await vestige.holds(asker: Asker(actor: ana, purpose: "audit", rights: [.rights]))
        #expect(some[0].person == nil && some[0].entry.caseReference == nil && some[0].entry.actor?.name == nil)
        await #expect(throws: InquiryError.missingRight("rights")) {
            _ = try await vestige.holds(asker: Asker(actor: ana, purpose: "audit", rights: [.query]))
        }
        var query = IndexQuery(limit: 10)
        query.actions = ["audit.holds"]
        #expect(try await vestige.trail.search(query).count == 2)
        try await vestige.close()
    }
}
