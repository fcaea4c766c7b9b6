import PeopleDirectory
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeTrail
import VestigeVault

/// What the demo asks once the day at the directory is over, each answer held against what was sent.
struct Demo {
    private static let shownRows = 8

    let host: DemoHost
    let plan: TrafficPlan
    let check: DemoCheck
    private let asker = Asker.keyHolder(Environment.account(), purpose: "audit")
    private var inquiry: Inquiry { host.vestige.inquiry }

    init(host: DemoHost, plan: TrafficPlan) {
        self.host = host
        self.plan = plan
        check = DemoCheck(vestige: host.vestige, plan: plan)
    }

    func run() async throws {
        var looks = EntryFilter()
        looks.events = ["read"]
        looks.channels = ["pii-read"]
        try await check.wholeTrail(try await inquiry.entries(looks, limit: 10_000, asker: asker).entries)

        let views = try await whoViewed()
        let reach = try await breach()
        try await refused()
        try await eraseSubject(views)
        try await eraseActor(reach)
        try await status()
        try await verify()
    }

    private func whoViewed() async throws -> ViewsAnswer {
        let person = plan.hottestPersonID
        DemoReport.heading("Who viewed this person?")
        DemoReport.command("who-viewed user/\(person) --purpose audit")
        let answer = try await inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: person), limit: 10_000), asker: asker)
        DemoReport.show(ViewsText.table(answer, limit: Demo.shownRows))
        try await check.views(answer, of: person)
        DemoReport.checked("all \(answer.total) views are those that were sent: actors, addresses, pages, purposes, statuses, order")
        return answer
    }

    private func breach() async throws -> ReachAnswer {
        let actor = plan.busiestActorID
        DemoReport.heading("An account was taken over: whom could they see?")
        DemoReport.command("viewed-by user/\(actor) --purpose audit")
        let answer = try await inquiry.viewedBy(.record(type: "user", id: actor), asker: asker)
        DemoReport.show(ReachText.table(answer, limit: 5))
        try await check.reach(answer, of: actor)
        DemoReport.checked("\(answer.total) looks at \(answer.people.count) people, each counted as sent")
        return answer
    }

    private func refused() async throws {
        DemoReport.heading("Looks that were refused")
        DemoReport.command("entries --status failure --channel pii-read --purpose audit")
        var filter = EntryFilter()
        filter.statuses = ["failure"]
        filter.channels = ["pii-read"]
        let answer = try await inquiry.entries(filter, limit: 10_000, asker: asker)
        DemoReport.show(EntriesText.table(answer, limit: Demo.shownRows))
        let sent = plan.requests.filter { $0.expectedEntry?.isSuccess == false }
        try check.require("the number of refused looks", answer.entries.count, is: sent.count)
        try check.require("the total of refused looks", answer.total, is: sent.count)
        let reasons = [401: "not signed in", 403: "not allowed", 404: "nobody there", 428: "no purpose"]
        let counts = Dictionary(grouping: sent, by: \.expectedStatus).sorted { $0.key < $1.key }
            .map { "\($0.value.count) × \($0.key) \(reasons[$0.key] ?? "")" }
        DemoReport.checked("\(sent.count) refused: \(counts.joined(separator: ", "))")
    }

    private func eraseSubject(_ before: ViewsAnswer) async throws {
        let person = plan.hottestPersonID
        guard let pseudonym = before.views.first(where: \.isDirect)?.entry.header?.record?.handle else {
            throw Failure.refused("the demo found a wrong answer: nobody opened the record itself")
        }
        DemoReport.heading("They ask to be erased")
        DemoReport.command("erase user/\(person) --case 2026-117 --purpose audit --yes")
        let erasure = try await erase(person, .both, "2026-117")
        DemoReport.show(ErasureText.table(erasure))

        Output.line()
        DemoReport.command("who-viewed user/\(person) --purpose audit")
        let byID = try await inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: person)), asker: asker)
        DemoReport.show(ViewsText.table(byID))
        try check.require(byID.isErased && byID.total == 0 && byID.views.isEmpty, "the erased id still has an answer")

        Output.line()
        DemoReport.command("who-viewed @\(pseudonym.hex) --purpose audit")
        let after = try await inquiry.whoViewed(ViewsQuestion(.pseudonym(pseudonym), limit: 10_000), asker: asker)
        DemoReport.show(ViewsText.table(after, limit: Demo.shownRows))
        try check.sameActs(before.views.map(\.entry), after.views.map(\.entry))
        for view in after.views {
            let entry = view.entry
            guard let place = entry.subjects.firstIndex(where: { $0.pseudonym == pseudonym }) else { continue }
            try check.require(entry.subjects[place].isErased && entry.subjects[place].recordID == nil, "the erased person's slot opens")
            let isOwn = entry.actor?.isSelf == true
            try check.require(isOwn == (entry.actor?.isErased == true), "an actor went with the subject")
        }
        DemoReport.checked("the same \(after.views.count) acts at the same places; page and person are gone, who looked stays")
    }

    private func eraseActor(_ before: ReachAnswer) async throws {
        let actor = plan.busiestActorID
        var filter = EntryFilter()
        filter.actors = [.record(type: "user", id: actor)]
        let acts = try await inquiry.entries(filter, limit: 10_000, asker: asker).entries
        guard let pseudonym = acts.first?.actor?.pseudonym else {
            throw Failure.refused("the demo found a wrong answer: the busiest actor did nothing")
        }
        DemoReport.heading("An actor is erased too, at once")
        DemoReport.command("erase user/\(actor) --case 2026-118 --role acting --purpose audit --yes")
        let erasure = try await erase(actor, .acting, "2026-118")
        DemoReport.show(ErasureText.table(erasure))

        Output.line()
        DemoReport.command("entries --actor @\(pseudonym.hex) --purpose audit")
        filter.actors = [.pseudonym(pseudonym)]
        let after = try await inquiry.entries(filter, limit: 10_000, asker: asker)
        DemoReport.show(EntriesText.table(after, limit: 5))
        try check.sameActs(acts, after.entries)
        for entry in after.entries {
            let actor = entry.actor
            try check.require(
                actor?.isErased == true && actor?.id == nil && actor?.name == nil && actor?.ip == nil, "the erased actor's slot opens")
        }
        let byID = try await inquiry.viewedBy(.record(type: "user", id: actor), asker: asker)
        try check.require(byID.isErased, "the erased actor's id still has an answer")
        let reach = try await inquiry.viewedBy(.pseudonym(pseudonym), asker: asker)
        let own = plan.looks(byActor: actor).filter { $0.expectedEntry?.isOwn == true }.count
        try check.require("the looks of the erased actor", reach.total, is: before.total - own)
        DemoReport.checked("the same \(after.entries.count) acts; who did them can no longer be read, whom they saw still can")
    }

    private func erase(_ id: String, _ role: ErasureRole, _ reference: String) async throws -> Erasure {
        try await host.vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: id), role: role, caseReference: reference, purpose: "audit",
                actor: Environment.account()))
    }

    private func status() async throws {
        DemoReport.heading("What there is")
        DemoReport.command("status")
        let status = try await host.vestige.status()
        DemoReport.show(StatusText.table(status))
        // Whoever was in a look or signed in is known, but for the one who is erased.
        let known = Set(plan.entries.flatMap(\.subjects)).union(plan.actorIDs)
        try check.require("the number of people known", status.subjects, is: known.count - 1)
        try check.require("the number of erased people", status.erased, is: 1)
        DemoReport.checked("as many people as were looked at or signed in, but for the one who is erased")
    }

    private func verify() async throws {
        DemoReport.heading("Is it all still true?")
        DemoReport.command("verify && vestige checkpoint")
        let report = try await host.vestige.verify()
        let checkpoint = try await host.vestige.trail.checkpoint()
        DemoReport.show(ReportText.table(report))
        Output.line()
        DemoReport.show(checkpoint.note)
        try check.require(report.verdict == .intact, "the trail does not verify")
        try check.require("the size of the checkpoint", checkpoint.size, is: report.head.size)
        try check.require(checkpoint.root == report.head.root, "the root of the checkpoint")
        DemoReport.checked("\(Int(report.head.size).grouped) entries, signed and intact")
    }
}
