import Foundation
import Testing
import VestigeInquiry
import VestigeTrail

@Suite("Export formats")
struct GoldenExportTests {
    static let writers: [(file: String, line: @Sendable (OpenedEntry) -> [UInt8])] = [
        ("ocsf.ndjson", { EntryOCSF.line($0, ExportSamples.source) }),
        ("ecs.ndjson", { EntryECS.line($0, ExportSamples.source) }),
        ("cef.txt", { EntryCEF.line($0, ExportSamples.source) }),
        ("syslog.txt", { EntrySyslog.line($0, ExportSamples.source) }),
    ]

    @Test("are as the standard's text has them", arguments: writers.indices)
    func golden(_ index: Int) throws {
        let (file, line) = Self.writers[index]
        let expected = try GoldenFile(file).lines
        let entries = try ExportSamples.all()
        try #require(expected.count == entries.count)
        for (entry, expected) in zip(entries, expected) { #expect(String(decoding: line(entry), as: UTF8.self) == expected) }
    }

    @Test("CSV is as the standard's text has it, after the byte-order mark and the names of the columns")
    func csv() throws {
        #expect(EntryCSV.head.starts(with: [0xEF, 0xBB, 0xBF]))
        let bytes = try ExportSamples.all().flatMap { EntryCSV.line($0) }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.replacing("\r\n", with: "\n") == (try GoldenFile("csv.txt").lines.joined(separator: "\n")) + "\n")
        let rows = try #require(CSVReader.rows(text))
        #expect(rows.allSatisfy { $0.count == EntryCSV.columns.count })
    }

    @Test("The readers of these tests read what the standards themselves print")
    func readers() throws {
        for line in try GoldenFile("standards.txt").lines {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            if parts[0] == "syslog" {
                let message = try #require(SyslogMessage(Array(parts[1].utf8)))
                let parameters = message.parameters.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
                #expect("\(message.priority)|\(message.messageID)|\(parameters)|\(message.text)" == parts[2])
            } else {
                let message = try #require(CEFMessage(parts[1]))
                let fields = message.fields.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                #expect("\(message.header[3])|\(message.header[4])|\(message.header[5])|\(fields)" == parts[2])
            }
        }
        #expect(SyslogMessage(Array("<34>1 - - - - - [a b=\"]\"]".utf8)) == nil)
        #expect(CEFMessage("CEF:0|a|b|c|d|e") == nil)
        #expect(CSVReader.rows("a,\"b\"c\r\n") == nil)
    }

    @Test(
        "Every event has a class and activity that OCSF knows",
        arguments: [
            "read", "exported", "shared", "created", "updated", "deleted", "erased", "granted", "adopted", "held", "released", "signed_in",
            "signed_out", "sign_in_failed", "detected", "approved", "completed", "rotated", "pruned",
        ])
    func classes(_ event: String) throws {
        /// `type_uid` from the schema's own activity lists, by class.
        let known: [Int: ClosedRange<Int>] = [6003: 1...4, 6001: 1...8, 3004: 1...4, 3002: 1...5, 2006: 1...3]
        var header = try #require(try ExportSamples.look().header)
        header.event = event
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(EntryOCSF.line(try ExportSamples.entry(1, header), ExportSamples.source)))
                as? [String: Any])
        let classID = try #require(json["class_uid"] as? Int)
        let activity = try #require(json["activity_id"] as? Int)
        #expect(activity == 99 || known[classID]?.contains(activity) == true)
        #expect(json["type_uid"] as? Int == classID * 100 + activity)
        #expect(json["category_uid"] as? Int == classID / 1000)
        let required = [
            6003: ["actor", "api", "src_endpoint"], 6001: ["web_resources"], 3004: ["entity"], 3002: ["user", "service"],
            2006: ["finding_info"],
        ]
        for key in required[classID] ?? [] { #expect(json[key] != nil, "\(event) lacks \(key)") }
    }

    /// Pieces that some format must escape, put together at random.
    private static let pieces = [
        "\"", "\\", "]", "[", "|", "=", "\n", "\r", "\r\n", ",", "'", "+", "-", "@", "\t", "\u{0}", "\u{7F}", "é", "日本", "\u{FEFF}", "a",
        " ", "\\n", "\\=", "=cmd",
    ]

    @Test("Every exported line parses back to what was in the entry, whatever it holds", arguments: 0..<20)
    func roundTrip(_ seed: UInt64) throws {
        var generator = SplitMix(state: seed)
        for _ in 0..<25 {
            let text = { (generator: inout SplitMix) in
                (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in Self.pieces.randomElement(using: &generator) }.joined()
            }
            var entry = try ExportSamples.look()
            entry.actor?.name = "x" + text(&generator)
            entry.actor?.userAgent = "y" + text(&generator)
            entry.text = "z" + text(&generator)
            entry.actor?.id = text(&generator)
            let name = try #require(entry.actor?.name)
            let agent = try #require(entry.actor?.userAgent)

            let syslog = EntrySyslog.line(entry, ExportSamples.source)
            #expect(!syslog.contains(0x0A))
            let message = try #require(SyslogMessage(syslog))
            #expect(message.values("actorName") == [Self.spaced(name)] && message.values("ua") == [Self.spaced(agent)])
            #expect(message.text == Self.spaced(entry.text ?? "") && message.elements == ["audit@32473", "meta"])

            let cef = try #require(CEFMessage(String(decoding: EntryCEF.line(entry, ExportSamples.source), as: UTF8.self)))
            #expect(cef.value("suser") == Self.spaced(name, keeping: ["\n", "\r"]))
            #expect(cef.value("requestClientApplication") == Self.spaced(agent, keeping: ["\n", "\r"]))
            #expect(cef.header[4] == Self.spaced(entry.text ?? "") && cef.value("outcome") == "success")

            let rows = try #require(CSVReader.rows(String(decoding: EntryCSV.line(entry), as: UTF8.self)))
            let row = try #require(rows.first)
            #expect(rows.count == 1 && row.count == EntryCSV.columns.count)
            for (column, cell) in zip(EntryCSV.columns, row) {
                #expect(cell.isEmpty || !"=+-@\t\r".unicodeScalars.contains(cell.unicodeScalars.first ?? " "), "\(column) begins a formula")
            }
            #expect(row[try #require(EntryCSV.columns.firstIndex(of: "actor_name"))] == name)

            for line in [EntryOCSF.line(entry, ExportSamples.source), EntryECS.line(entry, ExportSamples.source), EntryJSON.line(entry)] {
                #expect(!line.contains(0x0A))
                let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                #expect(object != nil)
                let user = (object?["actor"] as? [String: Any])?["user"] as? [String: Any]
                let found = (user ?? object?["user"] as? [String: Any])?["full_name"] ?? (object?["actor"] as? [String: Any])?["name"]
                // Foundation's reader drops U+FEFF from what it reads.
                #expect((found as? String)?.unicodeScalars.filter { $0 != "\u{FEFF}" } == name.unicodeScalars.filter { $0 != "\u{FEFF}" })
            }
        }
    }

    private static func spaced(_ text: String, keeping kept: [Unicode.Scalar] = []) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { ($0.value < 0x20 || $0.value == 0x7F) && !kept.contains($0) ? " " : $0 }))
    }

    @Test("A list of a thousand people names a hundred in a message, and says how many there were")
    func long() throws {
        var entry = try ExportSamples.exported()
        entry.subjects = try (0..<1000).map { OpenedSubject(pseudonym: try ExportSamples.pseudonym(UInt8($0 % 256)), isErased: false) }
        let message = try #require(SyslogMessage(EntrySyslog.line(entry, ExportSamples.source)))
        #expect(message.values("subject").count == 100 && message.values("subjects") == ["1000"])
        let cef = try #require(CEFMessage(String(decoding: EntryCEF.line(entry, ExportSamples.source), as: UTF8.self)))
        #expect(cef.value("cn2") == "1000" && (cef.value("duid")?.count ?? 0) <= 1023)
    }
}

/// A small generator with a seed, so that a failure can be seen again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
