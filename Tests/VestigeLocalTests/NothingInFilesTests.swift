import Foundation
import TestSupport
import Testing
import VestigeLocal

@Suite("No personal value stands in any file of the data directory", .enabled(if: Program.python != nil, "there is no python3"))
struct NothingInFilesTests {
    /// What a person, an actor and an entry can hold, in several scripts; each of 8 bytes and more.
    static let needles: [String: String] = [
        "id": "person-Ægir-0042", "actor id": "actor-Zoë-00071", "actor name": "Ζωή Παπαδοπούλου",
        "actor email": "zoe.papadopoulou@example.org",
        "ip": "203.0.113.217", "agent": "Needle-Agent/77.12", "session": "session-8842-needle", "page": "/people/person-Ægir-0042/needle",
        "case": "T-88112-needle", "justification": "Beschwerde von \"Müller\"\nund Söhne", "before": "alt.adresse@example.org",
        "after": "новый.адрес@example.org", "field": "schuhgrösse_needle", "correlation": "corr/needle/тест",
        "tried": "tried-needle-000999",
        "description": "geheime Bemerkung", "large": String(repeating: "großer Wert ", count: 500), "behalf": "behalf-Łukasz-003",
        "handle": "contact-needle-55",
    ]

    private func search(_ folder: Folder, _ needles: [String]) async throws -> Program.Result {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "search_files.py").path
        let lines = needles.map { $0.replacing("\n", with: " ") }.map { String($0.prefix(60)) }
        return try await Program.run("python3", [script, folder.place.data], input: lines.joined(separator: "\n"))
    }

    @Test("while it is open, after an erasure, and after close, in any of the usual encodings")
    func searched() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let n = Self.needles
        func needle(_ name: String) throws -> String {
            guard let value = n[name] else { throw CocoaError(.keyValueValidation) }
            return value
        }
        let actor = AuditActor(
            .user, id: try needle("actor id"), name: try needle("actor name"), email: try needle("actor email"), ip: try needle("ip"),
            userAgent: try needle("agent"), session: try needle("session"))
        var entry = Entry(event: "updated", actor: actor, record: RecordReference(type: "user", id: try needle("id")))
        entry.onBehalfOf = AuditActor(.external, id: try needle("behalf"))
        entry.page = try needle("page")
        entry.caseReference = try needle("case")
        entry.justification = try needle("justification")
        entry.correlationID = try needle("correlation")
        entry.fields = [try needle("field")]
        entry.changes = [
            "email": FieldChange(before: .text(try needle("before")), after: .text(try needle("after"))),
            "notes": FieldChange(before: nil, after: .text(try needle("large"))),
        ]
        entry.description = "Noted \(personal: try needle("description"))"
        for _ in 0..<20 { _ = try await vestige.recorder.record(entry) }
        var refused = Entry(event: "read", status: .failure, actor: actor, record: RecordReference(type: "user", id: try needle("tried")))
        refused.page = "/people/{id}"
        _ = try await vestige.recorder.record(refused)
        let asker = Asker.keyHolder(actor, purpose: "audit")
        let answer = try await vestige.inquiry.whoViewed(ViewsQuestion(.record(type: "user", id: try needle("id"))), asker: asker)
        #expect(answer.total == 0)

        let all = n.values.sorted()
        // The search finds what is there: the codes of the header.
        #expect(try await search(folder, ["pii.read.user"]).exit == 1)
        let whileOpen = try await search(folder, all)
        #expect(whileOpen.exit == 0, "\(whileOpen.output)")
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: "user", id: try needle("id")), role: .subject, caseReference: "E-1", purpose: "audit",
                actor: actor))
        try await vestige.close()
        let afterClose = try await search(folder, all)
        #expect(afterClose.exit == 0, "\(afterClose.output)")
    }
}
