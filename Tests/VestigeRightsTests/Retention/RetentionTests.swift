import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Retention")
struct RetentionTests {
    private static let windows = "{ default: { keep: 90d }, channels: { auth: { keep: 30d } } }"

    /// One look and one sign-in, then `days`, then entries until the clock is trusted.
    private func aged(_ days: Int64, retention: String = windows) async throws -> AgedTrail {
        let aged = try await AgedTrail(retention: retention)
        try await aged.look(at: "42")
        try await aged.signIn("7")
        aged.pass(days: days)
        try await aged.settle()
        return aged
    }

    @Test("takes what is over its channel's window and nothing else, with a plan before and an end after")
    func windows() async throws {
        let aged = try await aged(60)
        let forecast = try await aged.vestige.rights.retentionForecast()
        #expect(forecast.count == 1 && forecast.parts.map(\.channels) == [["auth"]] && forecast.parts[0].places.seqs.map { $0 } == [1])
        #expect(aged.gone.isEmpty, "a forecast takes nothing")
        let pruned = try await aged.prune()
        #expect(pruned.entries == 1 && pruned.plans == 1 && pruned.total == 1 && aged.gone == [1])
        #expect(try await aged.actions().suffix(2) == ["retention.planned", "retention.pruned"])
        let headers = try await aged.vestige.recorded()
        #expect(headers.suffix(2).map(\.status) == [.inProgress, .success] && headers.suffix(2).allSatisfy { $0.purpose == "audit" })
        #expect(try await aged.isIntact)
        aged.pass(days: 31)
        try await aged.settle()
        let more = try await aged.prune()
        // The look, and what was asked and told of it since is younger.
        #expect(more.entries == 1 && more.total == 2 && aged.gone == [0, 1])
        let report = try await aged.vestige.trail.verify()
        #expect(report.verdict == .intact && report.pruned == 2)
        #expect(try await aged.vestige.trail.pruned().count == 2)
    }

    @Test("takes nothing on the last moment of a window, and all on the next")
    func moment() async throws {
        let aged = try await AgedTrail(retention: "{ default: { keep: 30d } }")
        let first = try await aged.look(at: "42")
        aged.pass(days: 28)
        try await aged.settle()
        let wanted = Timestamp(microseconds: 1_700_000_000_000_000).adding(days: 30)
        aged.clock.now = wanted
        try await aged.look(at: "tick")
        #expect(try await aged.prune().entries == 0 && aged.gone.isEmpty)
        aged.clock.now = wanted.adding(microseconds: 1)
        try await aged.look(at: "tick")
        #expect(try await aged.prune().entries == 1 && aged.gone == [first])
    }

    @Test("leaves alone whoever is held, in every role and as the one who acted, and takes them once the hold is over")
    func held() async throws {
        let aged = try await AgedTrail(retention: Self.windows)
        let held = try await aged.look(at: "42", by: "9")
        let other = try await aged.look(at: "43", by: "9")
        let acted = try await aged.look(at: "43", by: "8")
        let linked = try await aged.look(at: "44", by: "9")
        let thing = try await aged.look(atHardware: "142")
        let otherThing = try await aged.look(atHardware: "143")
        for id in ["42", "8"] { _ = try await aged.vestige.rights.hold(holdOrder(id, case: "L-\(id)")) }
        _ = try await aged.vestige.rights.hold(holdOrder("142", type: "hardware"))
        aged.pass(days: 100)
        try await aged.settle()
        let forecast = try await aged.vestige.rights.retentionForecast()
        #expect(forecast.held == 3)
        #expect(try await aged.prune().held == 3)
        #expect(aged.gone == [other, linked, otherThing])
        #expect(!aged.gone.contains(held) && !aged.gone.contains(acted) && !aged.gone.contains(thing))
        for id in ["42", "8"] { _ = try await aged.vestige.rights.release(releaseOrder(id, case: "L-\(id)")) }
        _ = try await aged.vestige.rights.release(releaseOrder("142", type: "hardware"))
        #expect(try await aged.prune().entries == 3)
        #expect(aged.gone == [held, other, acted, linked, thing, otherThing])
        #expect(try await aged.isIntact)
    }

    @Test("keeps what a hold covers that was placed after the plan, says so, and takes it in its turn")
    func heldMeanwhile() async throws {
        let aged = try await aged(
            100, retention: "{ default: { keep: 90d }, channels: { auth: { keep: 30d } }, archive: { keep: 1y } }")
        // A run that ends after its plans.
        let archive = MemoryArchive()
        archive.failNext(1)
        await #expect(throws: RightsError.self) { try await aged.prune(archive: archive) }
        #expect(aged.gone.isEmpty)
        #expect(try await aged.vestige.trail.unfinishedPlans().count == 2)
        #expect(try await aged.vestige.rights.retentionForecast().unfinished == 2)
        _ = try await aged.vestige.rights.hold(holdOrder("42"))
        let done = try await aged.prune(archive: archive)
        #expect(done.entries == 1 && done.plans == 2 && aged.gone == [1])
        #expect(try await aged.actions().contains("retention.spared"))
        #expect(try await aged.isIntact)
        _ = try await aged.vestige.rights.release(releaseOrder("42"))
        #expect(try await aged.prune(archive: archive).total == 2)
        #expect(aged.gone == [0, 1] && archive.kept.map(\.seq) == [1, 0])
        #expect(try await aged.isIntact)
    }

    @Test("plans anew what a run said to leave that was killed before its end, though nobody is held any more")
    func leftAndKilled() async throws {
        let aged = try await aged(
            100, retention: "{ default: { keep: 90d }, channels: { auth: { keep: 30d } }, archive: { keep: 1y } }")
        let archive = MemoryArchive()
        archive.failNext(1)
        await #expect(throws: RightsError.self) { try await aged.prune(archive: archive) }
        var entry = BuiltInEntry(action: SparedPlaces.action, event: "pruned", actor: officer)
        entry.clear = [SparedPlaces.encode(SeqRuns([0]))]
        _ = try await aged.vestige.recorder.record(entry)
        let done = try await aged.prune(archive: archive)
        #expect(done.total == 2 && done.plans == 3 && done.unarchived == 0 && aged.gone == [0, 1])
        #expect(try await aged.isIntact)
    }

    @Test("tells of bodies that somebody else took before they were archived")
    func unarchived() async throws {
        let aged = try await aged(
            100, retention: "{ default: { keep: 90d }, channels: { auth: { keep: 30d } }, archive: { keep: 1y } }")
        let archive = MemoryArchive()
        archive.failNext(1)
        await #expect(throws: RightsError.self) { try await aged.prune(archive: archive) }
        let plan = try #require(try await aged.vestige.trail.unfinishedPlans().first { $0.places.contains(0) })
        _ = try aged.vestige.trailStore.prune([0], under: plan.row, within: .seconds(1))
        let done = try await aged.prune(archive: archive)
        #expect(done.unarchived == 1 && done.total == 2 && archive.kept.map(\.seq) == [1])
        let end = try #require(try await aged.vestige.recorded().last { $0.action == "retention.pruned" })
        #expect(end.status == .warning && end.details["unarchived"] == .integer(1))
        #expect(try await aged.prune(archive: archive).unarchived == 0)
    }

    @Test("keeps what a hold covers that is placed between two turns of one run")
    func heldBetweenTurns() async throws {
        let aged = try await AgedTrail(retention: "{ default: { keep: 90d }, archive: { keep: 1y } }")
        for id in ["41", "42", "43"] { try await aged.look(at: id) }
        aged.pass(days: 100)
        try await aged.settle()
        let archive = MemoryArchive()
        // Archived already, when somebody is held.
        archive.onKeeping { _ = try await aged.vestige.rights.hold(holdOrder("42")) }
        let pace = PrunePace(turn: .zero, rest: 0)
        let done = try await aged.vestige.rights.prune(PruneOrder(actor: officer, purpose: "audit"), archive: archive, pace: pace)
        #expect(aged.gone.isSuperset(of: [0, 2]) && !aged.gone.contains(1) && done.entries == 2)
        #expect(try await aged.actions().contains("retention.spared"))
        #expect(try await aged.isIntact)
    }

    @Test("removes archives whose time is over, each after an entry with its digest; one with somebody held in it stays")
    func archives() async throws {
        let aged = try await aged(
            100, retention: "{ default: { keep: 90d }, channels: { auth: { keep: 30d } }, archive: { keep: 1y } }")
        let archive = MemoryArchive()
        let header = try await aged.vestige.recorded()[0]
        let day = aged.clock.now.day - 370
        archive.put("old", [header, nil], on: day)
        archive.put("young", [header], on: day + 10)
        #expect(try await aged.prune(archive: archive).archivesKept == 1, "a line that cannot be read says nothing of who stands in it")
        archive.put("old", [header], on: day)
        _ = try await aged.vestige.rights.hold(holdOrder("42"))
        let kept = try await aged.prune(archive: archive)
        #expect(kept.archivesKept == 1 && kept.archivesRemoved == 0 && archive.names == ["old", "young"])
        _ = try await aged.vestige.rights.release(releaseOrder("42"))
        let done = try await aged.prune(archive: archive)
        #expect(done.archivesKept == 0 && done.archivesRemoved == 1 && archive.names == ["young"])
        var query = IndexQuery(limit: 10)
        query.actions = ["retention.archive_removed"]
        let told = try #require(try await aged.vestige.trail.page(query).first?.body)
        #expect(try Header(decoding: told.header).details["lines"] == .integer(1))
        let clear = try #require(try Payload(decoding: told.payload).items.first { $0.kind == .clear })
        let text = "{\"file\":\"old\",\"lines\":1,\"sha256\":\"\(sha256(header.encoded()).hex)\"}"
        #expect(String(decoding: clear.bytes, as: UTF8.self) == text)
    }

    @Test("takes nothing of anybody whose erasure is under way, and of the erased as of all")
    func erased() async throws {
        let aged = try await aged(100)
        _ = try await aged.vestige.rights.erase(order("42", .subject))
        try await aged.settle()
        #expect(try await aged.prune().entries == 2)
        #expect(aged.gone == [0, 1])
        #expect(try await aged.isIntact)
    }

    @Test("keeps what Vestige itself wrote, questions apart")
    func own() async throws {
        let aged = try await AgedTrail(retention: Self.windows)
        try await aged.look(at: "42")
        _ = try await aged.vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: "42")), asker: asker)
        aged.pass(days: 100)
        try await aged.settle()
        _ = try await aged.prune()
        let left = try await aged.vestige.recorded().map(\.action)
        #expect(!left.contains("audit.who_viewed") && aged.gone.contains(0))
        #expect(try await aged.isIntact)
    }

    @Test("goes by the newest entry where the clock is ahead of it, and waits a day after a step")
    func clock() async throws {
        let aged = try await aged(20)
        // The clock is set forward by years, and nothing is recorded.
        aged.pass(days: 2_000)
        #expect(try await aged.vestige.rights.retentionForecast().count == 0)
        #expect(try await aged.prune().entries == 0 && aged.gone.isEmpty)
        // What the run wrote is an entry of that time: from here on it waits.
        let waiting = try await aged.prune()
        #expect(waiting.waitsUntil != nil && waiting.seq == nil && aged.gone.isEmpty)
        #expect(try await aged.actions().last == "retention.delayed")
        #expect(try await aged.vestige.rights.retentionForecast().waitsUntil == waiting.waitsUntil)
        aged.pass(hours: 20)
        try await aged.look(at: "tick")
        #expect(try await aged.prune().waitsUntil != nil)
        aged.pass(hours: 4)
        try await aged.look(at: "tick")
        #expect(try await aged.prune().entries > 2)
        #expect(try await aged.isIntact)
    }

    @Test("takes nothing if nobody can say who is held")
    func unanswered() async throws {
        let aged = try await aged(100)
        _ = try await aged.vestige.rights.hold(holdOrder("42"))
        let seq = try await aged.vestige.rights.holds()[0].seq
        aged.vestige.trailStore.mutate { $0.bodies[seq] = nil }
        await #expect(throws: TrailError.self) { try await aged.vestige.rights.retentionForecast() }
        await #expect(throws: TrailError.self) { try await aged.prune() }
        #expect(aged.gone == [seq])
    }

    @Test("stops before evidence: an entry that is not what was recorded is not planned", arguments: 0..<3)
    func evidence(kind: Int) async throws {
        let aged = try await aged(100)
        aged.vestige.trailStore.mutate { contents in
            guard let body = contents.bodies[0], let leaf = contents.leaves[0] else { return }
            switch kind {
            case 0:
                contents.bodies[0] = .init(
                    headerSalt: body.headerSalt, header: body.header, payloadSalt: body.payloadSalt, payload: body.payload + [0])
            case 1: contents.leaves[0] = Array(leaf[..<17]) + [0, 0] + leaf[19...]
            default: contents.index[0]?.channel = "auth"
            }
        }
        await #expect(throws: TrailError.self) { try await aged.prune() }
        #expect(aged.gone.isEmpty)
        #expect(try await !aged.actions().contains("retention.planned"))
    }

    @Test("needs an archive where the policy says so, and gives it the exact bytes before they go")
    func archived() async throws {
        let aged = try await aged(100, retention: "{ default: { keep: 90d }, archive: { keep: 1y } }")
        await #expect(throws: RightsError.archiveMissing) { try await aged.prune() }
        let before = try await aged.vestige.trail.entries([0, 1])
        let archive = MemoryArchive()
        #expect(try await aged.prune(archive: archive).entries == 2)
        #expect(archive.kept.map(\.seq) == [0, 1] && archive.kept.map(\.body) == before.map(\.body))
        #expect(archive.kept.map(\.leaf) == before.map(\.leaf) && aged.gone == [0, 1])
    }

    @Test("leaves an entry each night, and none more when it is run again")
    func quiet() async throws {
        let aged = try await aged(100)
        let size = { try await aged.vestige.trail.checkpoint().size }
        #expect(try await aged.prune(PruneOrder(actor: .system("vestige"), quietSince: aged.clock.now)).entries == 2)
        let after = try await size()
        #expect(try await aged.prune(PruneOrder(actor: .system("vestige"), quietSince: aged.clock.now)).seq == nil)
        #expect(try await size() == after)
        aged.pass(hours: 12)
        let next = try await aged.prune(PruneOrder(actor: .system("vestige"), quietSince: aged.clock.now))
        #expect(next.seq == after && next.entries == 0 && next.total == 2)
    }

    @Test("is refused with a purpose that the policy does not know")
    func purpose() async throws {
        let aged = try await aged(100)
        await #expect(throws: RightsError.self) { try await aged.prune(PruneOrder(actor: officer, purpose: "because")) }
        #expect(aged.gone.isEmpty)
    }

    @Test("leaves answers right: counts, pages, proofs, and an id that stands for itself")
    func answers() async throws {
        let aged = try await AgedTrail(retention: Self.windows)
        let entry = Entry(
            id: .make(at: aged.clock.now), event: "read", actor: AuditActor(.user, id: "7"),
            record: RecordReference(type: "user", id: "42"), fields: ["email"], purpose: "support")
        let old = try await aged.vestige.recorder.record(entry)
        aged.pass(days: 100)
        try await aged.settle()
        try await aged.look(at: "42")
        let question = ViewsQuestion(.record(type: "user", id: "42"))
        #expect(try await aged.vestige.inquiry.whoViewed(question, asker: asker).total == 2)
        _ = try await aged.prune()
        let answer = try await aged.vestige.inquiry.whoViewed(question, asker: asker)
        #expect(answer.total == 1 && answer.views.count == 1 && answer.pruned.count == 1)
        #expect(answer.pruned.concerns(since: nil) && !answer.pruned.concerns(since: aged.clock.now))
        var other = entry
        other.purpose = "audit"
        let again = try await aged.vestige.recorder.record(other)
        #expect(again.seq == old.seq && again.id == old.id)
        let proof = try await aged.vestige.trail.proof(of: old.seq)
        #expect(proof.entry.body == nil && proof.proof.verifies(leafHash: TreeHash.leaf(proof.entry.leaf), in: proof.checkpoint.head))
        let shown = EntryProof(proof.entry, proof.proof, proof.checkpoint)
        #expect(shown.header == nil && shown.payloadSalt == nil && shown.checked(by: aged.vestige.trail.verifierKey).findings.isEmpty)
        // And an erasure of somebody whose entries are gone gives its certificate.
        let erasure = try await aged.vestige.rights.erase(order("42", .subject))
        #expect(erasure.certificate != nil)
        #expect(try await aged.isIntact)
    }
}
