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
    private let byKey: [Look: Int]

    /// One look, as it was sent or as the trail tells it.
    struct Look: Hashable {
        var actor: String
        var record: String
        /// Ids of the people concerned, in order.
        var subjects: [String]
        var status: String
        var purpose: String?
        var page: String?
        var address: String?
        var userAgent: String?
    }

    init(vestige: LocalVestige, plan: TrafficPlan) {
        self.vestige = vestige
        self.plan = plan
        byKey = DemoCheck.counted(plan.requests.compactMap(DemoCheck.look))
    }

    func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Failure) {
        guard condition else { throw .refused("the demo found a wrong answer: \(what())") }
    }

    func require<Value: Equatable>(_ name: String, _ found: Value, is expected: Value) throws(Failure) {
        try require(found == expected, "\(name) is \(found), sent was \(expected)")
    }

    /// All looks in the trail are those that were sent, each as often, those of the first phase before those of the second.
    func wholeTrail(_ entries: [OpenedEntry]) async throws {
        try require("the number of looks in the trail", entries.count, is: plan.entries.count)
        try require(isNewestFirst(entries), "the order of the entries")
        let found = try await looks(entries)
        try compare(found, with: byKey, "the looks in the trail")
        // Entries come newest first; within a phase any order is right.
        let second = plan.phases.dropFirst().joined().compactMap(DemoCheck.look)
        try compare(Array(found.prefix(second.count)), with: DemoCheck.counted(second), "the looks of the second phase")
    }

    func views(_ answer: ViewsAnswer, of person: String) async throws {
        let sent = plan.views(ofPerson: person).compactMap(DemoCheck.look)
        try require("the number of views", answer.total, is: sent.count)
        try require("the number of views listed", answer.views.count, is: sent.count)
        try require(answer.totalIsExact && !answer.isErased, "the total is not exact")
        try require(isNewestFirst(answer.views.map(\.entry)), "the order of the views")
        try compare(try await looks(answer.views.map(\.entry)), with: DemoCheck.counted(sent), "the views")
        for view in answer.views {
            try require(view.isDirect == (view.entry.header?.record?.type == "user"), "whether a view is direct")
        }
    }

    func reach(_ answer: ReachAnswer, of actor: String) async throws {
        let sent = plan.looks(byActor: actor).compactMap(\.expectedEntry)
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

    private func compare(_ found: [Look], with expected: [Look: Int], _ name: String) throws(Failure) {
        let counted = DemoCheck.counted(found)
        let missing = expected.filter { counted[$0.key, default: 0] < $0.value }
        let surplus = counted.filter { expected[$0.key, default: 0] < $0.value }
        guard let example = surplus.first?.key ?? missing.first?.key else { return }
        // The demo's people are made up; their looks may be told.
        try require(false, "\(name): \(missing.count) kinds of look are missing, \(surplus.count) were not sent, such as \(example)")
    }

    private func looks(_ entries: [OpenedEntry]) async throws -> [Look] {
        var ids: [Bytes16: String] = [:]
        var looks: [Look] = []
        for entry in entries {
            guard let header = entry.header, let actor = entry.actor else {
                throw Failure.refused("the demo found an entry without a body")
            }
            var subjects: [String] = []
            for subject in header.subjects {
                if ids[subject] == nil { ids[subject] = try await vestige.vault.resolve(subject)?.id }
                subjects.append(ids[subject] ?? "?")
            }
            let record = header.record
            let id = entry.recordID ?? entry.tried ?? record?.handle.flatMap { ids[$0] }
            looks.append(
                Look(
                    actor: actor.id ?? actor.type, record: [record?.type, id].compactMap { $0 }.joined(separator: "/"),
                    subjects: subjects, status: header.status.rawValue, purpose: header.purpose, page: entry.page, address: actor.ip,
                    userAgent: actor.userAgent))
        }
        return looks
    }

    private static func look(_ request: PlannedRequest) -> Look? {
        guard let entry = request.expectedEntry else { return nil }
        return Look(
            actor: entry.actorID ?? "anonymous", record: "\(entry.recordType)/\(entry.recordID)",
            subjects: entry.subjects, status: entry.status, purpose: entry.purpose, page: entry.page, address: request.address,
            userAgent: request.userAgent)
    }

    private static func counted(_ looks: [Look]) -> [Look: Int] {
        looks.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
