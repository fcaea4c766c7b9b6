import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeDesk
import VestigeLocal
import VestigeSQLite
import VestigeTesting

@Suite("Certificates in real files")
struct CertificateFileTests {
    private func order(_ id: String, _ reference: String, _ role: ErasureRole = .subject) throws -> ErasureOrder {
        ErasureOrder(
            subject: try SubjectID(type: "user", id: id), role: role, caseReference: reference, purpose: "audit",
            actor: AuditActor(.user, id: "900"))
    }

    private func certificates(_ vestige: LocalVestige, _ question: CertificateQuestion) async throws -> [Certificate] {
        try await vestige.rights.certificates(question, by: ana, purpose: "audit").certificates
    }

    @Test("are given again by a later process, after a rotation of the keys too")
    func again() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "42"))
        let first = try #require(try await vestige.rights.erase(order("42", "E-1")).certificate)
        _ = try await vestige.rotateKeys(by: ana)
        try await vestige.close()
        let reopened = try await folder.open()
        let again = try await certificates(reopened, .caseReference("E-1"))
        #expect(again.map(\.body) == [first.body])
        #expect(Certificate.check(try #require(again.first).json(), by: reopened.trail.verifierKey).verdict == .intact)
        try await reopened.close()
    }

    @Test("hold what stands in no file in clear: neither case nor person")
    func sealed() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(look(at: "needle-id"))
        _ = try await vestige.rights.erase(order("needle-id", "needle-case"))
        try await vestige.close()
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.place.data)
        #expect(names.contains("desk.sqlite"))
        for name in names {
            guard let data = FileManager.default.contents(atPath: folder.file(name)) else { continue }
            for needle in ["needle-case", "needle-id"] { #expect(data.firstRange(of: Data(needle.utf8)) == nil, "\(name)") }
        }
    }

    @Test("a directory without a desk, or with one that was begun and cut short, opens and gets one")
    func noDesk() async throws {
        let folder = try Folder()
        try await folder.make().close()
        for isCut in [false, true] {
            try FileManager.default.removeItem(atPath: folder.file("desk.sqlite"))
            if isCut { #expect(FileManager.default.createFile(atPath: folder.file("desk.sqlite"), contents: nil)) }
            let vestige = try await folder.open()
            _ = try await vestige.recorder.record(look(at: "p\(isCut)"))
            #expect(try await vestige.rights.erase(order("p\(isCut)", "E-1")).certificate != nil)
            try await vestige.close()
        }
        // What is no desk is not written over.
        try Data("not a database, and long enough to be looked at as one".utf8).write(to: URL(filePath: folder.file("desk.sqlite")))
        let message = await refusal { try await folder.open().close() }
        #expect(message?.contains("desk.sqlite") == true)
    }

    @Test(
        "a process that dies at any call of vault or desk leaves one certificate for each erasure", arguments: Interruption.Moment.allCases)
    func crashes(_ moment: Interruption.Moment) async throws {
        let folder = try Folder()
        var vestige = try await folder.make()
        var resumed = 0
        // Every call, half of them before and half of them after it took effect.
        for call in stride(from: moment == .afterItTookEffect ? 1 : 2, to: .max, by: 2) {
            _ = try await vestige.recorder.record(look(at: "p\(call)"))
            try await vestige.close()
            let crash = Interruption(at: call, moment)
            try await dying(folder, at: crash) { _ = try? await $0.erase(order("p\(call)", "case \(call)")) }
            // This start resumes.
            vestige = try await folder.open()
            let found = try await certificates(vestige, .caseReference("case \(call)"))
            let isErased = try await vestige.vault.standing(of: SubjectID(type: "user", id: "p\(call)"), as: .subject) == .erased
            #expect(found.count == (isErased ? 1 : 0), "call \(call)")
            for certificate in found {
                #expect(Certificate.check(certificate.json(), by: vestige.trail.verifierKey).findings == [], "call \(call)")
                if certificate.facts.isResumed { resumed += 1 }
            }
            if !crash.happened { break }
        }
        #expect(resumed > 4)
        #expect(try await vestige.verify().verdict == .intact)
        try await vestige.close()
    }

    /// Works on the files as a process does that stops in the middle.
    private func dying(_ folder: Folder, at crash: Interruption, _ body: (Rights) async throws -> Void) async throws {
        let clock = LocalVestige.systemClock
        let keys = try FileKeyring(directory: folder.place.keyring)
        let signer = try CheckpointSigner(origin: try keys.origin(), key: try keys.signingKey())
        let trail = try Trail.open(store: try SQLiteTrailStore.open(in: folder.place.data), signer: signer, clock: clock)
        let vaultStore = try SQLiteVaultStore.open(in: folder.place.data)
        let desk = try SQLiteDeskStore.openOrCreate(in: folder.place.data)
        let vault = try await Vault.open(
            store: InterruptedVaultStore(vaultStore, by: crash), keyring: keys, now: { clock().microseconds })
        let recorder = Recorder(policy: try examplePolicy(), vault: vault, trail: trail, clock: clock)
        crash.arm()
        try await body(
            Rights(recorder: recorder, vault: vault, trail: trail, desk: InterruptedDeskStore(desk, by: crash), clock: clock))
        try trail.close()
        try vaultStore.close()
        try desk.close()
    }

    @Test("verify by a program that is not ours, and a changed byte is found", .enabled(if: Program.python != nil, "there is no python3"))
    func python() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for number in 0..<20 { _ = try await vestige.recorder.record(look(at: "p\(number)")) }
        let certificate = try #require(try await vestige.rights.erase(order("p3", "E-1")).certificate)
        let withHeader = try #require(
            try await vestige.rights.certificates(
                .erasure(certificate.facts.erasure), withHeader: true, by: ana, purpose: "audit"
            ).certificates.first)
        let key = vestige.trail.verifierKey.description
        try await vestige.close()
        let script = repository.appending(path: "Tests/VestigeLocalTests/Certificate/verify_certificate.py").path
        func check(_ json: String) async throws -> Program.Result {
            try Data(json.utf8).write(to: URL(filePath: folder.path + "/certificate.json"))
            return try await Program.run("python3", [script, folder.path + "/certificate.json", key])
        }
        for certificate in [certificate, withHeader] {
            let text = String(decoding: certificate.json(), as: UTF8.self)
            let intact = try await check(text)
            #expect(intact.exit == 0 && intact.output == "intact\n", "\(intact.output)")
            for (name, kind) in [("body", "body"), ("payload", "payload"), ("leaf", "proof")] {
                let start = try #require(text.range(of: "\"\(name)\":\"")?.upperBound)
                let place = text.index(start, offsetBy: 60)
                var altered = text
                altered.replaceSubrange(place...place, with: text[place] == "A" ? "B" : "A")
                let broken = try await check(altered)
                #expect(broken.exit == 1 && (broken.output.contains(kind + ":") || name == "body"), "\(name): \(broken.output)")
            }
        }
    }
}
