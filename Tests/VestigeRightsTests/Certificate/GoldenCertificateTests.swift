import Foundation
import Testing
import VestigeTesting
import VestigeTrail

@testable import VestigeRights

@Suite("The certificate of 2026 that is kept with the tests")
struct GoldenCertificateTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden").path
    private static func path(_ name: String) -> String { folder + "/" + name }

    /// `VESTIGE_UPDATE_GOLDEN=1` makes another one: only with a new version of the format, and then beside the old ones.
    @Test("verifies, whatever the program has become since", arguments: ["subject", "acting"])
    func verifies(role: String) async throws {
        if ProcessInfo.processInfo.environment["VESTIGE_UPDATE_GOLDEN"] != nil {
            let vestige = try await busyVestige()
            let certificate = try #require(try await vestige.rights.erase(order("7", role == "subject" ? .both : .acting)).certificate)
            try Data(certificate.json() + [0x0A]).write(to: URL(filePath: Self.path(role + ".json")))
            try Data("\(vestige.trail.verifierKey)\n".utf8).write(to: URL(filePath: Self.path(role + ".vkey")))
        }
        let file = try Data(contentsOf: URL(filePath: Self.path(role + ".json")))
        let key = try String(contentsOfFile: Self.path(role + ".vkey"), encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let report = Certificate.check([UInt8](file), by: try VerifierKey(key))
        #expect(report.findings == [])
        #expect(report.certificate?.facts.caseReference == "2026-117" && report.certificate?.facts.roles.map(\.code) == [role])
    }
}
