import Testing

@testable import PeopleDirectory

@Suite("The plan of the demo's traffic")
struct TrafficPlanTests {
    let people: [MadeUpPerson]
    let hardware: [Hardware]
    let plan: TrafficPlan

    init() {
        let generator = PersonGenerator()
        people = generator.people()
        hardware = generator.hardware(for: people)
        plan = TrafficPlan(people: people, hardware: hardware)
    }

    @Test("has 2,000 requests with every kind of refusal, edit forms, lists and looks at oneself")
    func kinds() {
        let requests = plan.requests
        #expect(requests.count == TrafficPlan.requestCount)
        #expect(requests.map(\.number) == Array(0..<TrafficPlan.requestCount))
        #expect(Set(requests.map(\.expectedStatus)) == [200, 303, 401, 403, 404, 428])
        #expect(requests.contains { $0.path.hasPrefix("/people/") && $0.path.hasSuffix("/edit") })
        #expect(requests.contains { $0.path == "/people" && $0.entries.isEmpty })
        #expect(plan.entries.contains { $0.isOwn })
        #expect(plan.views(ofPerson: plan.hottestPersonID).count > 50)
        #expect(plan.looks(byActor: plan.busiestActorID).count > 300)
        #expect(Set(plan.actorIDs).count == 12)
    }

    @Test("changes records one by one and many at once, discloses lists and a file, and ends with the night")
    func changes() throws {
        let changes = plan.changes
        #expect(Set(changes.map(\.event)) == ["updated", "deleted", "role_changed"])
        #expect(changes.contains { $0.recordID == nil && $0.subjects.count > 20 })
        #expect(changes.contains { $0.recordType == "hardware" && $0.subjects.count == 2 })
        #expect(changes.allSatisfy { !$0.changes.isEmpty })
        #expect(plan.entries.contains { $0.event == "read" && $0.recordType == "user" && $0.recordID == nil && $0.subjects.count > 20 })
        #expect(try #require(plan.requests.compactMap(\.exportedCount).first) == people.count - 1)
        #expect(plan.nightEntry.subjects.contains(plan.hottestPersonID))
        // Each record is changed once in the phase of single changes, so that their order does not matter.
        let single = plan.phases[2].flatMap(\.entries).filter(\.isSuccess)
        #expect(Set(single.map { "\($0.recordType)/\($0.recordID ?? "")" }).count == single.count)
    }

    @Test("is the same each time")
    func deterministic() {
        let again = TrafficPlan(people: people, hardware: hardware)
        #expect(again.requests == plan.requests)
        #expect(again.nightEntry == plan.nightEntry)
    }

    @Test("refuses looks only at people whom an earlier phase has made known, or at nobody")
    func refusals() {
        var known: Set<String> = []
        #expect(plan.phases[0].allSatisfy { $0.expectedStatus == 200 })
        for phase in plan.phases {
            for entry in phase.flatMap(\.entries) where !entry.isSuccess { #expect(known.isSuperset(of: entry.subjects)) }
            known.formUnion(phase.flatMap(\.entries).flatMap(\.subjects))
        }
    }
}
