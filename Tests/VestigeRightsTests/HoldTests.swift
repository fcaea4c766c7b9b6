import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("A legal hold")
struct HoldTests {
    private let clock = TestClock()

    private func look(at id: String, by actor: String = "7", type: String = "user") -> Entry {
        Entry(
            event: "read", actor: AuditActor(.user, id: actor, name: "Name of \(actor)"), record: RecordReference(type: type, id: id),
            subjects: type == "user" ? nil : [], purpose: "support")
    }

    private func known(_ ids: String...) async throws -> InMemoryVestige {
        let vestige = try await InMemoryVestige(policy: examplePolicy(), clock: clock.now)
        for id in ids { _ = try await vestige.recorder.record(look(at: id)) }
        return vestige
    }

    private func actions(_ vestige: InMemoryVestige) async throws -> [String] {
        try await vestige.recorded().map(\.action).filter { $0.hasPrefix("erasure.") }
    }

    @Test("keeps a person from being erased until it is released; case and reason stand in the officer's own slot only")
    func heldAndReleased() async throws {
        let vestige = try await known("42")
        let hold = try await vestige.rights.hold(holdOrder("42"))
        for role in ErasureRole.allCases where role != .acting {
            await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42", role)) }
        }
        let entry = try #require(try await vestige.opened().last)
        let header = try #require(entry.header)
        #expect(header.action == "erasure.held" && header.event == "held" && header.channel == "compliance" && header.id == hold.id)
        #expect(header.subjects.count == 1 && header.record == nil && header.details.isEmpty && header.purpose == "audit")
        #expect(entry.caseReference == "L-1" && entry.justification == "needle: court order" && entry.actor?.id == "900")
        let text = String(decoding: header.encoded(), as: UTF8.self)
        #expect(!text.contains("L-1") && !text.contains("needle"))

        let done = try await vestige.rights.release(releaseOrder("42"))
        #expect(done.released == [hold] && done.remaining == 0)
        let released = try #require(try await vestige.recorded().last)
        #expect(released.action == "erasure.hold_released" && released.event == "released" && released.subjects == header.subjects)
        #expect(released.details == ["hold": .code("\(hold.id)")])
        #expect(try await vestige.rights.erase(order("42", .subject)).roles == [.subject])
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("of several cases stands until the last of them has released its own")
    func several() async throws {
        let vestige = try await known("42")
        for reference in ["L-1", "L-2"] { _ = try await vestige.rights.hold(holdOrder("42", case: reference)) }
        #expect(try await vestige.rights.release(releaseOrder("42", case: "L-1")).remaining == 1)
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42")) }
        await #expect(throws: RightsError.noHoldOfCase(unreadable: 0)) {
            try await vestige.rights.release(releaseOrder("42", case: "L-1"))
        }
        _ = try await vestige.rights.release(releaseOrder("42", case: "L-2"))
        await #expect(throws: RightsError.notHeld) { try await vestige.rights.release(releaseOrder("42", case: "L-2")) }
        _ = try await vestige.rights.erase(order("42"))
    }

    @Test("is refused for somebody unknown, whom it does not mint, for an erased one, in the past, twice for a case, and without a case")
    func refused() async throws {
        let vestige = try await known("42", "43")
        _ = try await vestige.rights.erase(order("43", .subject))
        let count = try await vestige.recorded().count
        await #expect(throws: RightsError.nobodyToHold) { try await vestige.rights.hold(holdOrder("999")) }
        await #expect(throws: RightsError.nobodyToHold) {
            try await vestige.rights.hold(
                HoldOrder(.pseudonym(.random()), caseReference: "L-1", purpose: "audit", actor: officer))
        }
        await #expect(throws: RightsError.erasedThing) { try await vestige.rights.hold(holdOrder("43")) }
        await #expect(throws: RightsError.holdInThePast) { try await vestige.rights.hold(holdOrder("42", endsAt: clock.now())) }
        await #expect(throws: RightsError.missingCase) { try await vestige.rights.hold(holdOrder("42", case: "")) }
        await #expect(throws: RightsError.unknownRecord) { try await vestige.rights.hold(holdOrder("7777", type: "hardware")) }
        await #expect(throws: RightsError.noSlot) {
            try await vestige.rights.hold(
                HoldOrder(.named(type: "user", id: "42"), caseReference: "L-1", purpose: "audit", actor: AuditActor(.anonymous)))
        }
        #expect(try await vestige.recorded().count == count)
        #expect(try await vestige.vault.standing(of: person("999"), as: .subject) == .unknown)
        let hold = try await vestige.rights.hold(holdOrder("42"))
        await #expect(throws: RightsError.heldByThisCase(seq: hold.seq)) { try await vestige.rights.hold(holdOrder("42")) }
    }

    @Test("is shared by linked identifiers, and by a key that the person got since")
    func shared() async throws {
        let vestige = try await known("42")
        let login = try SubjectID(type: "login", id: "ana")
        _ = try await vestige.rights.hold(holdOrder("42"))
        _ = try await vestige.rights.link(person("42"), login, by: officer)
        await #expect(throws: RightsError.held) {
            try await vestige.rights.erase(
                ErasureOrder(subject: login, caseReference: "2026-117", purpose: "audit", actor: officer))
        }
        #expect(try await vestige.rights.heldNow().pseudonyms.count == 2)
        _ = try await vestige.rights.release(releaseOrder("ana", type: "login"))
        #expect(try await vestige.vault.heldPseudonyms().isEmpty)

        // Somebody who only ever acted, and is looked at later.
        _ = try await vestige.rights.hold(holdOrder("7"))
        _ = try await vestige.recorder.record(look(at: "7", by: "42"))
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("7", .subject)) }
        #expect(try await vestige.vault.heldPseudonyms().count == 2)
    }

    @Test("ends with its day, at once for an erasure; the nightly run says so by one entry")
    func ended() async throws {
        let vestige = try await known("42", "43")
        let end = Timestamp(microseconds: 0).adding(days: Int64(clock.today) + 3)
        for id in ["42", "43"] { _ = try await vestige.rights.hold(holdOrder(id, endsAt: end)) }
        for day in 1...3 {
            clock.advance(days: 1)
            if day == 3 { await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42")) } }
            _ = try await vestige.recorder.record(look(at: "7"))
        }
        #expect(try await vestige.rights.holds().isEmpty)
        #expect(try await vestige.rights.heldNow().isEmpty)
        let rights = vestige.rights
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { try await rights.settleHolds() } }
            try await group.waitForAll()
        }
        #expect(try await actions(vestige) == ["erasure.held", "erasure.held", "erasure.hold_ended", "erasure.hold_ended"])
        let last = try #require(try await vestige.recorded().last)
        #expect(last.actor.type == "system" && last.event == "released" && last.subjects.count == 1)
        #expect(try await vestige.vault.heldPseudonyms().isEmpty)
        _ = try await vestige.rights.erase(order("42"))
        await #expect(throws: RightsError.notHeld) { try await vestige.rights.release(releaseOrder("43")) }
        _ = try await vestige.rights.hold(holdOrder("43"))
    }

    @Test("does not end by a clock that is set wrong: neither while it is, nor when it was")
    func wrongClock() async throws {
        let vestige = try await known("42")
        _ = try await vestige.rights.hold(holdOrder("42", endsAt: Timestamp(microseconds: 0).adding(days: Int64(clock.today) + 30)))
        clock.advance(days: 60)
        #expect(try await vestige.rights.settleHolds() == 0)
        // What is recorded meanwhile is as wrong.
        for _ in 0..<3 { _ = try await vestige.recorder.record(look(at: "7")) }
        #expect(try await vestige.rights.settleHolds() == 0)
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42")) }
        clock.advance(days: -60)
        #expect(try await vestige.rights.settleHolds() == 0)
        #expect(try await vestige.rights.holds().count == 1)
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42")) }
        #expect(try await actions(vestige) == ["erasure.held"])
    }

    @Test("stands from its entry on, and ends with the entry of its release, whatever a crash kept from the vault")
    func crashed() async throws {
        let vestige = try await known("42")
        let pseudonym = try #require(try await vestige.recorded().first?.subjects.first)
        var held = BuiltInEntry(action: "erasure.held", event: "held", actor: officer, purpose: "audit")
        held.subjects = [pseudonym]
        held.caseReference = "L-1"
        let receipt = try await vestige.recorder.record(held)
        #expect(try await vestige.vault.heldPseudonyms().isEmpty)
        await #expect(throws: RightsError.held) { try await vestige.rights.erase(order("42", .subject)) }
        #expect(try await vestige.vault.heldPseudonyms() == [pseudonym])
        var released = BuiltInEntry(action: "erasure.hold_released", event: "released", actor: officer)
        released.subjects = [pseudonym]
        released.details = ["hold": .code("\(receipt.id)")]
        _ = try await vestige.recorder.record(released)
        #expect(try await vestige.vault.heldPseudonyms() == [pseudonym])
        _ = try await vestige.rights.erase(order("42", .subject))
    }

    @Test("whose case nobody can read any more is released by its id")
    func unreadable() async throws {
        let vestige = try await known("42")
        let gone = AuditActor(.user, id: "901")
        var placed = holdOrder("42")
        placed.actor = gone
        let hold = try await vestige.rights.hold(placed)
        _ = try await vestige.rights.erase(order("901", .acting))
        await #expect(throws: RightsError.noHoldOfCase(unreadable: 1)) { try await vestige.rights.release(releaseOrder("42")) }
        await #expect(throws: RightsError.noSlot) {
            try await vestige.rights.release(
                HoldReleaseOrder(.named(type: "user", id: "42"), caseReference: "L-1", hold: hold.id, actor: gone))
        }
        var order = releaseOrder("42", case: "L-7")
        order.hold = hold.id
        #expect(try await vestige.rights.release(order).released.map(\.id) == [hold.id])
    }

    @Test("on a record keeps its entries from pruning, and no person's key")
    func records() async throws {
        let vestige = try await known("42", "43")
        for id in ["142", "143"] { _ = try await vestige.recorder.record(look(at: id, type: "hardware")) }
        _ = try await vestige.rights.hold(holdOrder("142", type: "hardware"))
        _ = try await vestige.rights.hold(holdOrder("42"))
        let now = try await vestige.rights.heldNow()
        #expect(now.records == [RecordHandle(type: "hardware", id: "142")] && now.pseudonyms.count == 1)
        let kept = try await vestige.recorded().filter(now.covers).map { [$0.action, $0.record?.id ?? ""] }
        #expect(
            kept == [
                ["pii.read.user", ""], ["pii.read.hardware", "142"], ["erasure.held", "142"], ["erasure.held", ""],
            ])
        var query = IndexQuery(limit: 100)
        query.terms = [now.terms]
        #expect(try await vestige.trail.search(query).count == 4)
        _ = try await vestige.rights.erase(order("43", .subject))
        _ = try await vestige.rights.release(releaseOrder("142", type: "hardware"))
        #expect(try await vestige.rights.heldNow().records.isEmpty)
        #expect(try await vestige.trail.verify().verdict == .intact)
    }

    @Test("and an erasure at the same moment: one of them wins, and the trail says which", arguments: 0..<6)
    func together(_ round: Int) async throws {
        let vestige = try await known("42")
        let rights = vestige.rights
        async let held = { try await rights.hold(holdOrder("42")) }().id
        async let erased = { try await rights.erase(order("42", .subject)) }().id
        let isHeld = (try? await held) != nil
        let isErased = (try? await erased) != nil
        #expect(isHeld != isErased)
        try await rights.settleHolds()
        #expect(try await rights.holds().isEmpty == isErased)
        #expect(try await vestige.vault.heldPseudonyms().isEmpty == isErased)
        #expect(try await ErasureFindings(vault: vestige.vault, trail: vestige.trail).find().isEmpty)
    }
}
