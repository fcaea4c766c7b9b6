import PeopleDirectory
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeTrail
import VestigeVault

/// Holds the trail's answers against what the demo's client sent. Every difference ends the demo with exit 1.
struct DemoCheck {
    let vestige: LocalVestige
    let plan: TrafficPlan

    /// One act, as it was sent or as the trail tells it.
    struct Act: Hashable {
        var entry: ExpectedEntry
        var address: String?
        var userAgent: String?
    }

    func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Failure) {
        guard condition else { throw .refused("the demo found a wrong answer: \(what())") }
    }

    func require<Value: Equatable>(_ name: String, _ found: Value, is expected: Value) throws(Failure) {
        try require(found == expected, "\(name) is \(found), sent was \(expected)")
    }

    /// All acts in the trail are those that were sent, each as often, those of one phase before those of the next, with every before and
    /// after.
    func wholeTrail(_ entries: [OpenedEntry]) async throws {
        try require("the number of acts in the trail", entries.count, is: plan.entries.count)
        try require(isNewestFirst(entries), "the order of the entries")
        var found = try await acts(entries.reversed())[...]
        // Within a phase any order is right.
        for (place, phase) in plan.phases.enumerated() {
            let sent = phase.flatMap(DemoCheck.acts)
            try compare(Array(found.prefix(sent.count)), with: sent, "the acts of phase \(place + 1)")
            found = found.dropFirst(sent.count)
        }
        try compare(Array(found), with: [DemoCheck.night(plan)], "the acts of the night")
    }

    /// Each of `entries` is one of those that were sent and fit, each as often.
    func answer(_ entries: [OpenedEntry], _ name: String, where fits: (ExpectedEntry) -> Bool) async throws {
        let sent = sentActs.filter { fits($0.entry) }
        try require("the number of \(name)", entries.count, is: sent.count)
        try require(isNewestFirst(entries), "the order of \(name)")
        try compare(try await acts(entries), with: sent, name)
    }

    func views(_ answer: ViewsAnswer, of person: String) async throws {
        try require("the number of views", answer.total, is: plan.views(ofPerson: person).count)
        try require(answer.totalIsExact && !answer.isErased, "the total is not exact")
        try await self.answer(answer.views.map(\.entry), "the views") { $0.isLook && $0.subjects.contains(person) }
        for view in answer.views {
            let record = view.entry.header?.record
            // On a list, or behind a device, somebody is seen, but their record is not opened.
            try require(view.isDirect == (record?.type == "user" && record?.handle != nil), "whether a view is direct")
        }
    }

    func reach(_ answer: ReachAnswer, of actor: String) async throws {
        let sent = plan.looks(byActor: actor)
        try require("the number of looks", answer.total, is: sent.count)
        var people: [String: [Bool: Int]] = [:]
        for entry in sent { for subject in entry.subjects { people["user/\(subject)", default: [:]][entry.isSuccess, default: 0] += 1 } }
        try require("the number of people looked at", answer.people.count, is: people.count)
        for touched in answer.people {
            let expected = people[touched.name ?? ""] ?? [:]
            try require("how often somebody was shown", touched.shown, is: expected[true] ?? 0)
            try require("how often a look at somebody was refused", touched.refused, is: expected[false] ?? 0)
        }
        let counts = answer.people.map { $0.shown + $0.refused }
        try require(counts == counts.sorted(by: >), "the order of the people")
    }

    /// The same acts as `before`, at the same places, and nothing that the erased key sealed.
    func sameActs(_ before: [OpenedEntry], _ after: [OpenedEntry]) throws(Failure) {
        try require("the number of acts after the erasure", after.count, is: before.count)
        for (old, new) in zip(before, after) {
            try require(old.seq == new.seq && old.header == new.header && old.id == new.id, "an act changed with the erasure")
        }
    }

    private func isNewestFirst(_ entries: [OpenedEntry]) -> Bool {
        zip(entries, entries.dropFirst()).allSatisfy { $0.seq > $1.seq && $0.recordedAt >= $1.recordedAt }
    }

    private func compare(_ found: [Act], with sent: [Act], _ name: String) throws(Failure) {
        let counted = DemoCheck.counted(found)
        let expected = DemoCheck.counted(sent)
        let missing = expected.filter { counted[$0.key, default: 0] < $0.value }
        let surplus = counted.filter { expected[$0.key, default: 0] < $0.value }
        guard let example = surplus.first?.key ?? missing.first?.key else { return }
        // The demo's people are made up; their acts may be told.
        try require(false, "\(name): \(missing.count) kinds of act are missing, \(surplus.count) were not sent, such as \(example)")
    }

    // MARK: What was sent

    private var sentActs: [Act] { plan.requests.flatMap(DemoCheck.acts) + [DemoCheck.night(plan)] }

    private static func acts(_ request: PlannedRequest) -> [Act] {
        request.entries.map { Act(entry: $0, address: request.address, userAgent: request.userAgent) }
    }

    private static func night(_ plan: TrafficPlan) -> Act {
        Act(entry: plan.nightEntry, address: nil, userAgent: nil)
    }

    // MARK: What the trail tells

    private func acts(_ entries: [OpenedEntry]) async throws -> [Act] {
        var ids: [Bytes16: String] = [:]
        var acts: [Act] = []
        for entry in entries {
            guard let header = entry.header, let actor = entry.actor else {
                throw Failure.refused("the demo found an entry without a body")
            }
            for subject in header.subjects where ids[subject] == nil { ids[subject] = try await vestige.vault.resolve(subject)?.id }
            let record = header.record
            let act = ExpectedEntry(
                header.event, by: actor.id, record?.type ?? "",
                record?.id ?? entry.tried ?? record?.handle.flatMap { ids[$0] }, subjects: header.subjects.map { ids[$0] ?? "?" },
                isSuccess: header.status == .success, purpose: header.purpose, page: entry.page, changes: changes(entry, ids))
            acts.append(Act(entry: act, address: actor.ip, userAgent: actor.userAgent))
        }
        return acts
    }

    private func changes(_ entry: OpenedEntry, _ ids: [Bytes16: String]) -> Set<ExpectedChange> {
        var changes: Set<ExpectedChange> = []
        for (field, change) in entry.clearChanges { changes.insert(ExpectedChange(of: nil, field, change)) }
        for subject in entry.subjects {
            for (field, change) in subject.changes { changes.insert(ExpectedChange(of: ids[subject.pseudonym] ?? "?", field, change)) }
        }
        return changes
    }

    private static func counted(_ acts: [Act]) -> [Act: Int] {
        acts.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}

extension ExpectedChange {
    fileprivate init(of subject: String?, _ field: String, _ change: FieldChange) {
        self.init(of: subject, field, from: change.before?.forPeople, to: change.after?.forPeople)
    }
}

extension FieldValue {
    /// nil for nothing.
    var forPeople: String? {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .null: nil
        case .large(let count, _): "\(count) bytes"
        }
    }
}
