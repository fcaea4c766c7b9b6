import Testing
import VestigeCore
import VestigeInquiry
import VestigeTesting
import VestigeTrail

@testable import PeopleDirectory

@Suite("The demo's traffic in a real trail")
struct RecordedTrafficTests {
    @Test("is answered as planned, leaves the planned entries and no others, and verifies", .timeLimit(.minutes(60)))
    func traffic() async throws {
        let host = try await DirectoryHost()
        let plan = TrafficPlan(people: host.people, hardware: host.devices)
        try await host.serve { browser in
            var cookies: [String: String] = [:]
            for person in host.people where plan.actorIDs.contains(person.id) {
                cookies[person.id] = try await browser.signIn(person, passphrase: host.generator.passphrase(for: person.id))
            }
            for phase in plan.phases {
                for request in phase {
                    var browser = browser
                    browser.cookie = request.actorID.flatMap { cookies[$0] }
                    let answer = try await browser.send(
                        request.path, form: request.method == "POST" ? request.form.map { ($0.name, $0.value) } : nil,
                        purpose: request.purpose, headers: ["X-Forwarded-For": request.address, "User-Agent": request.userAgent])
                    #expect(answer.status == request.expectedStatus, "\(request.method) \(request.path)")
                    if let count = request.exportedCount { #expect(answer.text.split(separator: "\r\n").count == 1 + count) }
                }
                try await host.app.drain()
            }
        }
        _ = try await host.app.nightly.birthdays(on: plan.night)

        let acts = try await host.acts()
        try #require(acts.count == plan.entries.count)
        // One request after the other: but for changes, which go by the outbox, within a phase.
        #expect(acts.filter(\.isLook) == plan.entries.filter(\.isLook))
        #expect(counted(acts) == counted(plan.entries))
        let outbox = try await host.app.outbox()
        #expect(outbox.committed == plan.changes.count)
        #expect(outbox.waiting == 0)

        let auditor = Asker.keyHolder(AuditActor(.user, id: "auditor"), purpose: "audit")
        let viewed = try await host.vestige.inquiry.whoViewed(
            ViewsQuestion(.record(type: "user", id: plan.hottestPersonID), limit: 10_000), asker: auditor)
        #expect(viewed.total == plan.views(ofPerson: plan.hottestPersonID).count)
        let reach = try await host.vestige.inquiry.viewedBy(.record(type: "user", id: plan.busiestActorID), asker: auditor)
        #expect(reach.total == plan.looks(byActor: plan.busiestActorID).count)

        let report = try await host.vestige.trail.verify()
        #expect(report.findings.isEmpty)
        // Besides, each question, and whom the second one named.
        #expect(report.head.size == UInt64(plan.entries.count + plan.actorIDs.count + 3))
    }

    private func counted(_ entries: [ExpectedEntry]) -> [ExpectedEntry: Int] {
        entries.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
