import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

@Suite("A redaction in a data directory", .enabled(if: Program.python != nil, "there is no python3"))
struct RedactionTests {
    private let needle = "anna-lima-1984-needle"
    private let boss = AuditActor(.user, id: "900", name: "Officer")

    private var marked: Entry {
        Entry(event: "read", actor: ana, record: RecordReference(type: "hardware", id: needle), subjects: [], purpose: "support")
    }

    private func order(_ seqs: [UInt64]) -> RedactionOrder {
        RedactionOrder(seqs, caseReference: "R-1", purpose: "audit", actor: boss)
    }

    private func search(_ folder: Folder) async throws -> Program.Result {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "search_files.py").path
        return try await Program.run("python3", [script, folder.place.data], input: needle)
    }

    private func places(_ vestige: LocalVestige) async throws -> [UInt64] {
        var places: [UInt64] = []
        for entry in try await vestige.trail.page(IndexQuery(limit: 1_000)) {
            if let body = entry.body, String(decoding: body.header, as: UTF8.self).contains(needle) { places.append(entry.seq) }
        }
        return places
    }

    @Test("leaves nothing of what stood in headers in any file: log, free pages, index and spool; a verifier that is not ours agrees")
    func nothingLeft() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        let host = try await folder.open()
        for number in 0..<60 {
            _ = try await host.recorder.record(number % 20 == 7 ? marked : look(at: "p\(number)"))
        }
        // An act is written down in the host's spool first, and a question names what it asks for.
        let change = Entry(
            event: "updated", actor: ana, record: RecordReference(type: "hardware", id: needle), subjects: [],
            changes: ["serial": FieldChange(before: .text("a"), after: .text("b"))])
        try await host.recorder.act(change) { _ in }
        _ = try await vestige.inquiry.whoViewed(
            ViewsQuestion(.record(type: "hardware", id: needle)), asker: .keyHolder(ana, purpose: "audit"))
        let found = try await places(vestige)
        #expect(found.count == 5)
        #expect(try await search(folder).exit == 1)
        let done = try await vestige.redact(order(found))
        #expect(done.isWiped && done.seqs == found.sorted())
        // The host's own spool is tidied each minute, and each night.
        try await host.nightly()
        let whileOpen = try await search(folder)
        #expect(whileOpen.exit == 0, "\(whileOpen.output)")
        #expect(try await host.status().redacted == 5)
        let report = try await host.verify()
        #expect(report.verdict == .intact && report.redacted == 5)
        let key = vestige.trail.verifierKey.description
        try await vestige.close()
        try await host.close()
        let afterClose = try await search(folder)
        #expect(afterClose.exit == 0, "\(afterClose.output)")

        let script = repository.appending(path: "Tests/VestigeTrailTests/verify_trail.py").path
        let outside = try await Program.run("python3", [script, folder.file("trail.sqlite"), key])
        #expect(outside.exit == 0, "\(outside.output)")
        let forge = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            for (name,) in c.execute("select name from sqlite_master where type='trigger'").fetchall(): c.execute(f'drop trigger "{name}"')
            (by,) = c.execute("select entry from redactions").fetchone()
            c.execute("insert into redactions values (2, ?)", (by,))
            for table in ("bodies", "index_rows", "terms"): c.execute(f"delete from {table} where seq = 2")
            c.commit()
            """
        #expect(try await Program.run("python3", ["-c", forge, folder.file("trail.sqlite")]).exit == 0)
        let forged = try await Program.run("python3", [script, folder.file("trail.sqlite"), key])
        #expect(forged.exit == 1 && forged.output.contains("missing 2"), "\(forged.output)")
    }

    @Test("that a crash cut short after its entry is finished by the next opening")
    func crashed() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(marked)
        var entry = BuiltInEntry(action: "retention.redacted", event: "redacted", actor: boss, purpose: "audit")
        entry.clear = [Redaction.encode([1])]
        _ = try await vestige.recorder.record(entry)
        #expect(try await vestige.verify().findings.map(\.kind) == [.redaction])
        try await vestige.close()
        #expect(try await search(folder).exit == 1)
        let opened = try await folder.open()
        #expect(opened.dutiesAtOpening.redactions == 1)
        #expect(try await search(folder).exit == 0)
        #expect(try await opened.verify().verdict == .intact)
        try await opened.close()
        let again = try await folder.open()
        #expect(again.dutiesAtOpening == Duties())
        let message = await refusal { _ = try await again.redact(order([1])) }
        #expect(message == "redacted or pruned already: 1; nothing was redacted, leave it out")
        try await again.close()
    }

    @Test("is no cover for whoever drops the triggers, takes a body away and puts the triggers back")
    func behindTheTriggers() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        for id in ["1", "2", "3"] { _ = try await vestige.recorder.record(look(at: id)) }
        _ = try await vestige.redact(order([1]))
        try await vestige.close()
        let attack = """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            triggers = c.execute("select name, sql from sqlite_master where type='trigger'").fetchall()
            for name, _ in triggers: c.execute(f'drop trigger "{name}"')
            for table in ("bodies", "index_rows", "terms"): c.execute(f"delete from {table} where seq in (2, 3)")
            c.execute("insert into redactions select 3, entry from redactions")
            if len(sys.argv) > 2:
                for _, sql in triggers: c.execute(sql)
            c.commit()
            """
        let copy = folder.path + "/copy.sqlite"
        try FileManager.default.copyItem(atPath: folder.file("trail.sqlite"), toPath: copy)
        #expect(try await Program.run("python3", ["-c", attack, folder.file("trail.sqlite")]).exit == 0)
        #expect(try await Vestige.verify(folder.place).findings.map(\.kind) == [.database])
        try FileManager.default.removeItem(atPath: folder.file("trail.sqlite"))
        try FileManager.default.moveItem(atPath: copy, toPath: folder.file("trail.sqlite"))
        #expect(try await Program.run("python3", ["-c", attack, folder.file("trail.sqlite"), "again"]).exit == 0)
        let report = try await Vestige.verify(folder.place)
        #expect(report.findings.map(\.kind) == [.missing, .missing] && report.findings.map(\.seq) == [2, 3] && report.redacted == 1)
    }

    @Test("of the trail is not undone by an older vault")
    func olderVault() async throws {
        let folder = try Folder()
        let vestige = try await folder.make()
        _ = try await vestige.recorder.record(marked)
        try await vestige.close()
        try FileManager.default.copyItem(atPath: folder.file("vault.sqlite"), toPath: folder.path + "/older.sqlite")
        let opened = try await folder.open()
        _ = try await opened.redact(order([1]))
        try await opened.close()
        try FileManager.default.removeItem(atPath: folder.file("vault.sqlite"))
        try FileManager.default.copyItem(atPath: folder.path + "/older.sqlite", toPath: folder.file("vault.sqlite"))
        let restored = try await folder.open()
        #expect(try await restored.verify().verdict == .intact)
        #expect(try await restored.trail.entries([1])[0].body == nil)
        try await restored.close()
    }
}
