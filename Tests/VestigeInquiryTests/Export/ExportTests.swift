import Foundation
import Synchronization
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail

@Suite("Exports")
struct ExportTests {
    static func order(_ text: String = "", _ format: EntryFormat, opening: Set<OpenedPart> = [], limit: Int? = nil, _ asker: Asker? = nil)
        throws -> ExportOrder
    {
        ExportOrder(
            try EntryFilter(query: text, by: try examplePolicy()), format: format, limit: limit, opening: opening,
            asker: asker ?? VestigeInquiryTests.asker(), source: ExportSamples.source, at: start)
    }

    static func run(_ order: ExportOrder, _ inquiry: Inquiry) async throws -> (manifest: ExportManifest, text: String) {
        let bytes = Mutex<[UInt8]>([])
        let manifest = try await inquiry.export(order) { piece in bytes.withLock { $0 += piece } }
        return (manifest, bytes.withLock { String(decoding: $0, as: UTF8.self) })
    }

    @Test("hold pseudonyms unless something is opened", arguments: EntryFormat.ofExports)
    func pseudonyms(_ format: EntryFormat) async throws {
        let vestige = try await history()
        let closed = try await Self.run(try Self.order("channel:pii-read", format), vestige.inquiry)
        for secret in ["Name of 7", "10.0.0.7", "/people/42"] { #expect(!closed.text.contains(secret)) }
        #expect(closed.manifest.count == 32 && closed.manifest.total == 32 && closed.manifest.isComplete)
        let opened = try await Self.run(try Self.order("channel:pii-read", format, opening: [.actors, .subjects]), vestige.inquiry)
        #expect(opened.text.contains("Name of 7"))
        #expect(opened.manifest.opened == [.actors, .subjects])
    }

    @Test("The manifest's hash, bytes and counts are those of the file", arguments: EntryFormat.ofExports)
    func manifest(_ format: EntryFormat) async throws {
        let vestige = try await history()
        let (manifest, text) = try await Self.run(try Self.order("channel:pii-read", format), vestige.inquiry)
        #expect(manifest.sha256 == sha256(Array(text.utf8)))
        #expect(manifest.byteCount == text.utf8.count)
        let lines = text.split(whereSeparator: \.isNewline).count
        let around = format == .csv ? 1 : format == .json ? 2 : 0
        #expect(lines == 32 + around)
        #expect(manifest.filters == ["channel": ["pii-read"]])
        #expect(manifest.newest == 31 && manifest.oldest == 0)
        // The checkpoint is signed, and covers the export's own entry.
        #expect(manifest.checkpoint.size > manifest.entrySeq)
        let stored = try #require(try await vestige.trail.entries([manifest.entrySeq]).first?.body)
        let header = try Header(decoding: stored.header)
        #expect(header.id == manifest.entry && header.action == "audit.exported" && header.event == "exported")
        #expect(header.details["format"] == .code(format.rawValue) && header.details["rows"] == .integer(32))
        let json = try JSONSerialization.jsonObject(with: Data(manifest.json)) as? [String: Any]
        #expect(json?["sha256"] as? String == manifest.sha256.hex && json?["complete"] as? Bool == true)
        #expect((json?["checkpoint"] as? String)?.contains("\u{2014} ") == true)
    }

    @Test("JSON says itself what it holds")
    func json() async throws {
        let vestige = try await history()
        let (_, text) = try await Self.run(try Self.order("purpose:payroll", .json, limit: 4), vestige.inquiry)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["count"] as? Int == 4 && json["total"] as? Int == 10 && json["truncated"] as? Bool == true)
        #expect(json["complete"] as? Bool == false && (json["entries"] as? [Any])?.count == 4)
        #expect(json["schema_version"] as? Int == 1 && json["exported_by"] as? String == "900")
    }

    @Test("An export over several batches leaves nothing out and repeats nothing")
    func batches() async throws {
        let vestige = try await InMemoryVestige(policy: try examplePolicy(), clock: { start.adding(days: 1) })
        for minute in 0..<2_050 { _ = try await vestige.recorder.record(look(at: "42", minute: Int64(minute))) }
        let (manifest, text) = try await Self.run(try Self.order("channel:pii-read", .ndjson), vestige.inquiry)
        #expect(manifest.count == 2_050 && manifest.isComplete)
        let seqs = try text.split(separator: "\n").map { line in
            try #require((try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["seq"] as? Int)
        }
        #expect(seqs == Array((0..<2_050).reversed()))
    }

    @Test("Opening needs the right for it; nothing leaves and nothing is recorded without")
    func rights() async throws {
        let vestige = try await history()
        let poor = asker([.query, .export])
        for part in OpenedPart.allCases {
            let order = try Self.order("", .ndjson, opening: [part], poor)
            let isCalled = Mutex(false)
            await #expect(throws: InquiryError.self) {
                _ = try await vestige.inquiry.export(order) { _ in isCalled.withLock { $0 = true } }
            }
            #expect(isCalled.withLock { !$0 })
        }
        let none = try Self.order("", .ndjson, asker([.query]))
        await #expect(throws: InquiryError.missingRight("export")) { _ = try await vestige.inquiry.export(none) { _ in } }
        #expect(try await vestige.inquiry.entries(try EntryFilter([("action", "audit.exported")]), limit: 5, asker: asker()).total == 0)
    }

    @Test("Where actors are pseudonyms by policy no export opens them")
    func works() async throws {
        let policy = try examplePolicy(replacing: "show: name", with: "show: pseudonym")
        #expect(policy.actors.show == .pseudonym)
        let vestige = try await history(policy)
        let order = try Self.order("", .ndjson, opening: [.actors])
        await #expect(throws: InquiryError.actorsAreHidden) { _ = try await vestige.inquiry.export(order) { _ in } }
    }

    @Test("What was redacted and who was erased is said aloud")
    func completeness() async throws {
        let vestige = try await history()
        let order = ErasureOrder(
            subject: try person("43"), role: .subject, caseReference: "C-1", purpose: "audit", actor: asker().actor)
        _ = try await vestige.rights.erase(order)
        _ = try await vestige.rights.redact(RedactionOrder([3], caseReference: "C-2", purpose: "audit", actor: asker().actor))
        let (manifest, text) = try await Self.run(try Self.order("", .ndjson), vestige.inquiry)
        #expect(manifest.redacted == 1 && manifest.pruned == 0 && !manifest.isComplete)
        #expect(manifest.erased >= 10)
        #expect(text.contains("\"redacted\":true") && text.contains("\"erased\":true"))
        #expect(manifest.summary.contains("1 of the trail redacted") && manifest.summary.hasSuffix("not complete"))
    }

    @Test("What retention has taken is said aloud")
    func pruned() async throws {
        let vestige = try await history()
        vestige.trailStore.mutate { contents in
            for seq in [2, 3, 4] as [UInt64] {
                contents.bodies[seq] = nil
                contents.index[seq] = nil
            }
            contents.terms = contents.terms.filter { !(2...4).contains($0.seq) }
        }
        let (manifest, _) = try await Self.run(try Self.order("channel:pii-read", .csv), vestige.inquiry)
        #expect(manifest.pruned == 3 && manifest.redacted == 0 && manifest.count == 29 && !manifest.isTruncated && !manifest.isComplete)
        // They were recorded two days before this: none of them can have happened since.
        var later = try Self.order("", .csv)
        later.filter.from = start.adding(days: 3)
        #expect(try await Self.run(later, vestige.inquiry).manifest.pruned == 0)
        #expect(manifest.summary == "29 of 29 entries, 3 of the trail pruned; not complete")
    }

    @Test("A failing writer ends the export with its error")
    func broken() async throws {
        struct Full: Error {}
        let vestige = try await history()
        let order = try Self.order("", .csv)
        await #expect(throws: Full.self) { _ = try await vestige.inquiry.export(order) { _ in throw Full() } }
    }

    @Test("The file's name says when")
    func name() throws {
        #expect(try Self.order("", .csv).fileName == "audit-log-\(start.description.prefix(19).filter { $0 != ":" })Z.csv")
    }
}
