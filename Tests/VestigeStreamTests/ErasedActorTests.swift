import Testing
import VestigeCore
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeStream
import VestigeTrail
import VestigeVault

@Suite("A stream after an erasure")
struct ErasedActorTests {
    @Test("names nobody whose key is destroyed, though the policy names the field")
    func erased() async throws {
        let scratch = try Scratch()
        let vestige = try await Streaming.vestige(
            "  siem: { to: \"file://\(scratch.path)\", channels: [pii-read], actor: { fields: [id, name, ip], because: SOC } }", in: scratch
        )
        try await Streaming.record(2, vestige)
        try await Streaming.service(vestige).run()
        let before = Received.lines(scratch.path + "/siem.log")
        #expect(before.count == 2 && before.allSatisfy { $0.contains("actorName=\"Ana Lima\"") })
        try await Streaming.record(2, vestige)
        let order = ErasureOrder(
            subject: try SubjectID(type: "user", id: "7"), role: .acting, caseReference: "C-1", purpose: "audit",
            actor: AuditActor(.user, id: "1"))
        _ = try await vestige.rights.erase(order)
        try await Streaming.service(vestige).run()
        let after = Received.lines(scratch.path + "/siem.log").dropFirst(2)
        #expect(after.count == 2)
        for line in after {
            #expect(!line.contains("Ana Lima") && !line.contains("10.0.0.7") && !line.contains(" actor=\""))
            #expect(line.contains(" actorPseudonym=\""))
        }
        try await vestige.close()
    }
}
