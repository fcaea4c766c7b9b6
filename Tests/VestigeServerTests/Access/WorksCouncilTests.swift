import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import VestigeServer

@Suite("Where the policy shows actors as pseudonyms")
struct WorksCouncilTests {
    private static let actor = #"{"type":"user","id":"7"}"#

    /// Each way to tie somebody's name to what they did.
    private static func ways(_ acting: String) -> [(path: String, body: String)] {
        [
            ("/v1/viewed-by", #"{"actor":\#(actor)}"#), ("/v1/entries/search", #"{"filters":{"actor":"user/7"}}"#),
            ("/v1/entries/search", #"{"query":"actor:user/7"}"#), ("/v1/resolve", #"{"pseudonym":"\#(acting)"}"#),
        ]
    }

    private func host() async throws -> (ServiceHost, acting: String) {
        let host = try await ServiceHost { $0.replacing("show: name", with: "show: pseudonym") }
        guard case .active(let acting) = try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "7"), as: .acting) else {
            throw InquiryError.badReference
        }
        return (host, acting.hex)
    }

    @Test("without a case nobody who acts can be asked for by name, in no way, and nobody's name comes out")
    func hidden() async throws {
        let (host, acting) = try await host()
        let size = try await host.vestige.trail.size()
        try await host.serve(as: "dpo") { client in
            for way in Self.ways(acting) {
                let answer = try await client.post(way.path, way.body)
                #expect(answer.status == 403 && answer.problem == "actors-hidden", "\(way.path) \(way.body)")
                #expect(!answer.text.contains("Ana"))
            }
        }
        let refused = try await host.vestige.trail.size() - size
        #expect(refused == UInt64(Self.ways(acting).count), "each of them is an entry")
    }

    @Test("with a case they can, and the case stands with the question")
    func opened() async throws {
        let (host, acting) = try await host()
        try await host.serve(as: "dpo") { client in
            for way in Self.ways(acting) {
                let answer = try await client.post(way.path, way.body, headers: ["Vestige-Case": "C-117"])
                #expect(answer.status == 200, "\(way.path) \(way.body)")
                #expect(try await host.newest()?.caseReference == "C-117")
            }
        }
    }

    @Test("by pseudonym everybody who may ask can ask, and people who are looked at are resolved as ever")
    func pseudonyms() async throws {
        let (host, acting) = try await host()
        guard case .active(let ben) = try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "42"), as: .subject) else {
            return #expect(Bool(false), "nobody is there")
        }
        try await host.serve(as: "dpo") { client in
            let reach = try await client.post("/v1/viewed-by", #"{"actor":{"pseudonym":"\#(acting)"}}"#)
            #expect(reach.status == 200 && reach.json["total"] as? Int == 4)
            #expect(try await client.post("/v1/resolve", #"{"pseudonym":"\#(ben.hex)"}"#).json["id"] as? String == "42")
        }
    }

    @Test("a file of one person's acts is not made, with a case or without")
    func exports() async throws {
        let (host, _) = try await host()
        try await host.serve(as: "dpo") { client in
            for headers in [[:], ["Vestige-Case": "C-117"]] {
                let answer = try await client.post("/v1/exports", #"{"format":"csv","filters":{"actor":"user/7"}}"#, headers: headers)
                #expect(answer.status == 403 && answer.problem == "actors-hidden")
            }
        }
    }
}
