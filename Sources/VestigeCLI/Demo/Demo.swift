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
    private static let shownRows = 6
    private static let channels = ["pii-read", "people", "hardware", "security"]

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
        var acts = EntryFilter()
        acts.channels = Demo.channels
        try await check.wholeTrail(try await inquiry.entries(acts, limit: 10_000, asker: asker).entries)

        try await whoViewed()
        let changes = try await changed()
        try await disclosed()
        try await outbox()
        try await night()
        let reach = try await breach()
        try await refused()
        try await eraseSubject(changes)
        try await eraseActor(reach)
        try await status()
        try await verify()
    }

    private func whoViewed() async throws {
        let person = plan.hottestPersonID
        DemoReport.heading("Who viewed this person?")
        DemoReport.command("who-viewed user/\(person) --purpose audit")
        let answer = try await inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: person), limit: 10_000), asker: asker)
        DemoReport.show(ViewsText.table(answer, limit: Demo.shownRows))
        try await check.views(answer, of: person)
        DemoReport.checked("all \(answer.total) views are those that were sent: actors, addresses, pages, purposes, statuses, order")
    }

    private func changes(of person: Reference) async throws -> EntryPage {
        var filter = EntryFilter()
        filter.subjects = [person]
        filter.channels = ["people"]
        filter.statuses = ["success"]
        return try await inquiry.entries(filter, limit: 10_000, asker: asker)
    }

    /// - Returns: the changes of the person who is erased later.
    private func changed() async throws -> [OpenedEntry] {
        let person = plan.hottestPersonID
        DemoReport.heading("What was changed, from what to what?")
        DemoReport.command("entries --subject user/\(person) --channel people --status success --purpose audit")
        let answer = try await changes(of: .record(type: "user", id: person))
        DemoReport.show(EntriesText.table(answer))
        try await check.answer(answer.entries, "changes of the person") {
            $0.event == "updated" && $0.isSuccess && $0.recordType == "user" && $0.subjects.contains(person)
        }
        guard let change = answer.entries.last else {
            throw Failure.refused("the demo found a wrong answer: nobody changed the person's record")
        }
        Output.line()
        DemoReport.show(ChangesText.table(change))
        let fields = plan.changes.reduce(0) { $0 + $1.changes.count }
        let moved = plan.changes.first { $0.recordType == "user" && $0.recordID == nil }?.subjects.count ?? 0
        DemoReport.checked("before and after are those of the form that was sent, as in all \(fields.grouped) fields that were changed")
        DemoReport.checked("\(moved) people were moved at once: one entry, each one's before and after sealed for them alone")
        return answer.entries
    }

    private func disclosed() async throws {
        let lists = plan.entries.filter { $0.isLook && $0.isSuccess && $0.recordID == nil && $0.actorID != plan.nightEntry.actorID }
        guard let actor = lists.last?.actorID else { throw Failure.refused("the demo's plan has no list") }
        DemoReport.heading("Lists and files show people too")
        DemoReport.command("entries --actor user/\(actor) --event read,exported --status success --limit 7 --purpose audit")
        var filter = EntryFilter()
        filter.actors = [.record(type: "user", id: actor)]
        filter.events = ["read", "exported"]
        filter.statuses = ["success"]
        let answer = try await inquiry.entries(filter, limit: 10_000, asker: asker)
        DemoReport.show(EntriesText.table(answer, limit: 7))
        try await check.answer(answer.entries, "the looks of the one who exported") {
            $0.actorID == actor && $0.isLook && $0.isSuccess && !$0.isOwn
        }
        let pages = lists.filter { $0.event == "exported" && !$0.subjects.isEmpty }.map(\.subjects.count)
        let contacts = lists.last { $0.event == "read" }?.subjects.count ?? 0
        DemoReport.checked("a list is one entry with everybody on it: \(contacts) people on the page of contacts")
        DemoReport.checked(
            "a streamed file is one entry a page, durable before its lines leave: \(pages.reduce(0, +)) people in \(pages.count) pages, "
                + "as many as there were lines")
    }

    private func outbox() async throws {
        DemoReport.heading("No change without its entry")
        DemoReport.say(
            "Each change and its sealed entry are one commit of the host's own database; from there the entry goes to the trail.")
        let (acts, waiting) = try await host.app.outbox()
        try check.require("the number of acts that went through the outbox", acts, is: plan.changes.count)
        try check.require("the number of acts that wait in the outbox", waiting, is: 0)
        DemoReport.checked("\(acts) acts went through the outbox, \(waiting) wait in it; each stands in the trail once")
    }

    private func night() async throws {
        DemoReport.heading("Who looked when nobody was there?")
        DemoReport.command("entries --actor system/nightly --purpose audit")
        var filter = EntryFilter()
        filter.actors = [.record(type: "system", id: "nightly")]
        let answer = try await inquiry.entries(filter, limit: 10_000, asker: asker)
        DemoReport.show(EntriesText.table(answer))
        try await check.answer(answer.entries, "the looks of the nightly job") { $0.actorID == plan.nightEntry.actorID }
        try check.require(answer.entries.first?.actor?.type == "system", "the nightly job is not shown as System")
        let count = plan.nightEntry.subjects.count
        DemoReport.checked("the nightly job saw \(count.counted("person", "people")) under its own name, as nobody else's")
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
        try await check.answer(answer.entries, "the refused looks") { $0.isLook && !$0.isSuccess }
        let sent = plan.requests.filter { $0.entries.contains { $0.isLook && !$0.isSuccess } }
        let reasons = [401: "not signed in", 403: "not allowed", 404: "nobody there", 428: "no purpose"]
        let counts = Dictionary(grouping: sent, by: \.expectedStatus).sorted { $0.key < $1.key }
            .map { "\($0.value.count) × \($0.key) \(reasons[$0.key] ?? "")" }
        DemoReport.checked("\(sent.count) refused: \(counts.joined(separator: ", "))")
    }

    private func eraseSubject(_ changed: [OpenedEntry]) async throws {
        let person = plan.hottestPersonID
        let row = try await HostRow(host, person: person, besides: [plan.busiestActorID])
        let page = try await row.pages(and: plan.busiestActorID)
        let before = try await inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: person), limit: 10_000), asker: asker)
        guard let pseudonym = before.views.first(where: \.isDirect)?.entry.header?.record?.handle else {
            throw Failure.refused("the demo found a wrong answer: nobody opened the record itself")
        }
        let found = try row.found(pseudonym)
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
            // A list says who was on it, and nothing else of them.
            guard !entry.isList, let place = entry.subjects.firstIndex(where: { $0.pseudonym == pseudonym }) else { continue }
            try check.require(entry.subjects[place].isErased && entry.subjects[place].recordID == nil, "the erased person's slot opens")
            let isOwn = entry.actor?.isSelf == true
            try check.require(isOwn == (entry.actor?.isErased == true), "an actor went with the subject")
        }
        DemoReport.checked("the same \(after.views.count) acts at the same places; page and person are gone, who looked stays")

        let changes = try await changes(of: .pseudonym(pseudonym)).entries
        try check.sameActs(changed, changes)
        let theirs = changes.flatMap(\.subjects).filter { $0.pseudonym == pseudonym }
        try check.require(theirs.allSatisfy { $0.isErased && $0.changes.isEmpty }, "what was changed of them can still be read")
        DemoReport.checked("what was changed of them still stands as an act; before and after can no longer be read")

        Output.line()
        try check.require("what stands of them in the host's database file", found + (try row.found(pseudonym)), is: 0)
        try hostRow(row, before: page, after: try await row.pages(and: plan.busiestActorID))
    }

    /// The host keeps its people sealed, so the same erasure has reached its own row, and nobody else's.
    private func hostRow(_ row: HostRow, before: (theirs: String, others: String), after: (theirs: String, others: String)) throws {
        DemoReport.say("The host stores its people sealed, so the same erasure has reached its own page, GET /people/\(row.person):")
        let shown = row.shown(on: before.theirs)
        try check.require("the number of values that the page showed", shown.map(\.field), is: ["name", "email", "phone"])
        try check.require(
            row.shown(on: after.theirs).isEmpty && after.theirs.contains("[erased]"),
            "the host's page still shows the erased person")
        try check.require(before.others == after.others && !after.others.contains("[erased]"), "somebody else's page has changed")
        var table = Table([.text("field"), .text("before"), .text("after")])
        for (field, value) in shown { table.add([field, value, "[erased]"]) }
        DemoReport.show(table.rendered())
        DemoReport.checked("the host's own row can no longer be read, and everybody else's still can")
        DemoReport.checked("none of its values, and no pseudonym, stands in the host's database file: not now, and not before")
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
        let own = plan.looks(byActor: actor).filter(\.isOwn).count
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
        // The host's rows are sealed, so everybody in it is known, but for the one who is erased.
        try check.require("the number of people known", status.subjects, is: PersonGenerator.personCount - 1)
        try check.require("the number of erased people", status.erased, is: 1)
        DemoReport.checked("everybody who was ever in the directory, but for the one who is erased")
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

extension OpenedEntry {
    /// Of many records at once, as looks: it has no slots for the people on it.
    fileprivate var isList: Bool {
        guard let header, let record = header.record else { return false }
        return Term.lookEvents.contains(header.event) && record.id == nil && record.handle == nil
    }
}
