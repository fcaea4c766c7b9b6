import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

/// A trail with looks, a list, a change and an erased person, a witness who saw the beginning, and a pack of all of it.
struct MadePack {
    static let asker = Asker.keyHolder(ana, purpose: "audit")

    let folder: Folder
    let summary: EvidenceSummary

    var path: String { folder.path + "/pack" }

    init(
        witness: InMemoryWitness? = nil, rotating: Bool = false, asking change: (inout EvidenceOrder) throws -> Void = { _ in },
        recording: (Recorder) async throws -> Void = { _ in }, tampering: (Folder) async throws -> Void = { _ in }
    ) async throws {
        let folder = try Folder()
        // Five minutes past an hour: each hour's first checkpoint is kept, and there is to be one.
        let hour: Int64 = 3_600_000_000
        let minutes = hour / 12
        let moment = Timestamp(microseconds: (LocalVestige.systemClock().microseconds - minutes) / hour * hour + minutes)
        let vestige = try await folder.make(clock: { moment })
        if let witness {
            witness.trust(vestige.trail.verifierKey)
            _ = try await vestige.addWitness(Witness(vkey: "\(witness.key)", url: "https://w.example"), by: ana)
            for id in 0..<2 {
                #expect(try await vestige.submitToWitnesses(over: Direct(witness: witness)).isComplete)
                _ = try await vestige.recorder.record(look(at: "early-\(id)"))
            }
        }
        if rotating {
            try Data(vestige.trail.verifierKey.description.utf8).write(to: URL(filePath: folder.path + "/old-key"))
            _ = try await vestige.rotateSigningKey(by: ana)
        }
        for id in 0..<40 { _ = try await vestige.recorder.record(look(at: "person-\(id)")) }
        try await Self.recordOthers(vestige.recorder)
        try await recording(vestige.recorder)
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: "person-7"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana)
        )
        try await tampering(folder)
        let now = LocalVestige.systemClock()
        var order = EvidenceOrder(from: now.adding(days: -1), to: now.adding(days: 1), asker: Self.asker)
        try change(&order)
        try FileManager.default.createDirectory(atPath: folder.path + "/pack", withIntermediateDirectories: false)
        summary = try await vestige.evidence.write(order, into: folder.path + "/pack")
        self.folder = folder
        try await vestige.close()
    }

    /// One entry of each shape that looks do not have.
    private static func recordOthers(_ recorder: Recorder) async throws {
        var edit = Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "person-3"))
        edit.changes = [
            "email": FieldChange(before: .text("a@example.org"), after: .text("ζωή@example.org")),
            "role": FieldChange(before: .text("agent"), after: .text("manager, \"acting\"")),
        ]
        edit.onBehalfOf = AuditActor(.user, id: "8", name: "Ben Okafor")
        edit.justification = "=SUM(A1)\nasked by telephone"
        _ = try await recorder.record(edit)
        var reassigned = Entry(event: "updated", actor: ana, record: RecordReference(type: "user", id: "person-4"))
        reassigned.description = "Moved \(personal: "Cleo {Ruiz}") to floor \(clear: 3), {in a hurry}"
        _ = try await recorder.record(reassigned)
        // Without a slot of anybody.
        var list = Entry.list("user", of: try ["person-1", "person-2"].map { try SubjectID(type: "user", id: $0) }, purpose: "support")
        list.actor = AuditActor(.system)
        _ = try await recorder.record(list)
    }

    private struct Direct: WitnessTransport {
        let witness: InMemoryWitness

        func post(_ body: String, to url: String) async throws -> WitnessAnswer {
            let answer = witness.addCheckpoint(body)
            return WitnessAnswer(status: answer.status, body: answer.body)
        }
    }

    /// Runs the pack's own script, in the pack or in a changed copy of it; one that does not end is ended.
    func check(_ options: [String] = [], in copy: String? = nil) async throws -> Program.Result {
        try await Program.run("timeout", ["60", "python3", (copy ?? path) + "/verify.py"] + options)
    }

    /// A copy of the pack that somebody changed: `change` is Python, see ``EvidenceAttack``.
    func copy(changedBy change: String, mending: Bool = true) async throws -> String {
        let copy = folder.path + "/" + UUID().uuidString
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let done = try await Program.run("python3", ["-c", EvidenceAttack.script(change, mending: mending)], in: copy)
        #expect(done.exit == 0, "\(done.output)")
        return copy
    }
}
