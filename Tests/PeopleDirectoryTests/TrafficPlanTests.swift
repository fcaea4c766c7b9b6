import Testing
import VestigeCore
import VestigeTrail
import VestigeVault

@testable import PeopleDirectory

@Suite("The plan of the demo's traffic")
struct TrafficPlanTests {
    let people: [Person]
    let plan: TrafficPlan

    init() {
        let generator = PersonGenerator()
        people = generator.people()
        plan = TrafficPlan(people: people, hardware: generator.hardware(for: people))
    }

    @Test("has 2,000 requests with every kind of refusal, edit forms, lists and looks at oneself")
    func kinds() {
        let requests = plan.requests
        #expect(requests.count == TrafficPlan.requestCount)
        #expect(requests.map(\.number) == Array(0..<TrafficPlan.requestCount))
        #expect(Set(requests.map(\.expectedStatus)) == [200, 401, 403, 404, 428])
        #expect(requests.contains { $0.path.hasPrefix("/people/") && $0.path.hasSuffix("/edit") })
        #expect(requests.contains { $0.path == "/people" && $0.expectedEntry == nil })
        #expect(requests.contains { $0.expectedEntry?.isOwn == true })
        #expect(plan.views(ofPerson: plan.hottestPersonID).count > 50)
        #expect(plan.looks(byActor: plan.busiestActorID).count > 300)
        #expect(Set(plan.actorIDs).count == 12)
    }

    @Test("is the same each time")
    func deterministic() {
        let again = TrafficPlan(people: people, hardware: PersonGenerator().hardware(for: people))
        #expect(again.requests == plan.requests)
    }

    @Test("refuses looks only at people whom an earlier phase has opened, or at nobody")
    func refusals() {
        let opened = Set(plan.phases[0].compactMap(\.expectedEntry).flatMap(\.subjects))
        #expect(plan.phases[0].allSatisfy { $0.expectedStatus == 200 })
        for entry in plan.phases[1].compactMap(\.expectedEntry) where !entry.isSuccess {
            #expect(Set(entry.subjects).isSubset(of: opened))
        }
    }

    @Test("is what the directory does, answer for answer and entry for entry", .timeLimit(.minutes(2)))
    func heldAgainstTheHost() async throws {
        let host = try DirectoryHost()
        try await host.drive(plan, people: people) { request, status in
            #expect(status == request.expectedStatus, "\(request.path)")
        }
        let looks = host.collector.entries.filter { $0.event == "read" }
        let planned = plan.requests.filter { $0.expectedEntry != nil }
        try #require(looks.count == planned.count)
        for (look, request) in zip(looks, planned) {
            let expected = try #require(request.expectedEntry)
            #expect(look.actor?.id == expected.actorID)
            #expect(look.actor?.ip == request.address)
            #expect(look.actor?.userAgent == request.userAgent)
            #expect(look.record?.type == expected.recordType)
            #expect(look.record?.id == expected.recordID)
            #expect(look.status?.rawValue == expected.status)
            #expect(look.purpose == expected.purpose)
            #expect(look.page == expected.page)
            if expected.recordType == "hardware" {
                #expect(look.subjects?.map(\.id.id) == expected.subjects)
            }
        }
        #expect(host.collector.entries.filter { $0.action == "auth.sign_in" }.count == plan.actorIDs.count)
    }
}
