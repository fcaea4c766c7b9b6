import Testing

@testable import VestigePolicy

@Suite("Reading a policy")
struct ParsingTests {
    @Test("what is left out has the defaults of the reference")
    func defaults() throws {
        let policy = try parse(minimal())
        #expect(policy.timeZone == "UTC")
        #expect(policy.purposes.isEmpty && policy.recipients.isEmpty && policy.actions.isEmpty && policy.routes.isEmpty)
        #expect(policy.actors == ActorRules(staff: [], roles: [], show: .name))
        #expect(policy.records["user"]?.reads == ReadRule(log: .detail, purposeIsRequired: false, onFailure: .refuse))
        #expect(policy.records["user"]?.idIsClear == false)
        #expect(policy.retention.standard.keep.days == 365 && policy.retention.pruneAt.description == "03:00")
        #expect(policy.retention.ceiling == nil)
        #expect(policy.erasure.actors == nil && policy.erasure.fence.days == 90 && policy.erasure.approvals == 1)
        #expect(policy.backups.vault.days == 35 && policy.backups.keyring.days == 35 && policy.cases.keep.days == 1096)
        #expect(policy.access.rights == Right.allCases && policy.access.roles.isEmpty)
        #expect(policy.access.allowedAddresses.map(\.description) == ["127.0.0.0/8", "::1/128"])
        #expect(policy.warnings.isEmpty)
    }

    @Test("a file of 48 KiB is read, one byte more is refused")
    func sizeLimit() throws {
        let text = minimal() + "\n#"
        let full = text + String(repeating: "x", count: Policy.byteCountMax - text.utf8.count)
        #expect(try parse(full).text.utf8.count == 49_152)
        #expect(refusals(full + "x") == ["p.yaml:1:1: the file has 49153 bytes, a policy has at most 49152: it must fit into one entry"])
    }

    @Test("bytes that are no UTF-8 are refused with their line")
    func encoding() {
        let bytes = [UInt8]("vestige: 1\nchannels: [a]\n# caf".utf8) + [0xE9, 0x0A]
        let error = #expect(throws: PolicyError.self) { try Policy.parse(bytes, file: "p.yaml") }
        #expect(error?.description == "p.yaml:3:1: this line is not UTF-8; save the file in that encoding")
    }

    @Test("equal bytes are equal policies under any name, one byte makes another digest")
    func digest() throws {
        let bytes = [UInt8](minimal().utf8)
        #expect(try Policy.parse(bytes, file: "a.yaml") == Policy.parse(bytes, file: "b.yaml"))
        #expect(try Policy.parse(bytes, file: "a.yaml").digest != Policy.parse(bytes + [0x0A], file: "a.yaml").digest)
    }

    @Test("Windows line ends and block style are read as well")
    func lineEnds() throws {
        let text = minimal("purposes:\n  support:\n    title: >-\n      Answer a\n      request & more\n    dpv: 'dpv:CustomerCare'")
        let policy = try parse(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
        #expect(policy.purposes["support"]?.title == "Answer a request & more")
    }

    @Test("many problems come as one hundred lines, the last says how many more there are")
    func manyProblems() {
        let lines = refusals(minimal("proxies: [\((0..<150).map { "x\($0)" }.joined(separator: ", "))]"))
        #expect(lines.count == 100)
        #expect(lines.last?.hasSuffix("and 51 more problems; mend those above first") == true)
    }

    @Test("short windows and long ones without a reason are warned about")
    func warnings() throws {
        let policy = try parse(minimal("retention:\n  default: { keep: 90d }\n  channels: { people: { keep: 2y } }\n"))
        #expect(policy.warnings.map(\.line) == [10, 11])
        #expect(policy.warnings.map { $0.message.contains("under 180 days") } == [true, false])
    }

    @Test(
        "A period with a name brings its length and its reason",
        arguments: [
            ("cnil", "365d", "CNIL 2021-122: 6 to 12 months"),
            ("it-banking", "24mo", "Garante, provision of 12 May 2011: 24 months for enquiries in banks"),
            ("ehds", "36mo", "Regulation (EU) 2025/327: three years of access logs"),
            ("hipaa-disclosures", "72mo", "45 CFR 164.528: six years of disclosures"),
        ])
    func presets(name: String, period: String, because: String) throws {
        for place in ["default: { keep: \(name) }", "channels: { people: { keep: \(name) } }"] {
            let policy = try parse(minimal("retention: { \(place) }"))
            let window = try #require(place.hasPrefix("default") ? policy.retention.standard : policy.retention.channels["people"])
            #expect(window.keep == PolicyDuration(period) && window.because == because)
            #expect(policy.warnings.isEmpty)
        }
    }

    @Test("stars, ampersands and exclamation marks inside of texts are no anchors, aliases or tags")
    func harmlessMarks() {
        for text in [
            "a: x & y * z !", "a: \"*b\"", "a: '&b'", "# *a &b !c", "a: b # *c", "- 'it''s *'\n- \"a\\\"*b\"", "a: |\n  *b\n\n  &c\nd: e",
            "a: b*c&d!e", "x: [a*b, \"&c\"]", "u: http://a/*", "p: GET /a/**",
        ] {
            #expect(YAMLSubset.finding(in: text) == nil, "\(text)")
        }
    }

    @Test("anchors, aliases and tags are found wherever a value may begin")
    func findings() {
        for text in [
            "*a", "a: *b", "- &a x", "- - *a", "[x, *a]", "{a: *b}", "{\"a\":*b}", "? *a", "--- &a", "a:\n  *b", "a: |\n  x\nb: *c",
            "a: 'x'\nb: !t y",
            "a: [\n  *b]", "{x,*y}", "- a: |\n    x\n  b: *c",
        ] {
            #expect(YAMLSubset.finding(in: text) != nil, "\(text)")
        }
    }
}
