import Testing
import VestigeVault

@Suite struct SubjectIDTests {
    @Test("a subject printed, dumped or interpolated names nobody")
    func printsNothing() throws {
        let subject = try SubjectID(type: "patient", id: "ana@example.org")
        var dumped = ""
        dump(subject, to: &dumped)
        dump([subject], to: &dumped)
        for text in [
            "\(subject)", String(reflecting: subject), String(describing: [subject]), String(describing: Optional(subject)), dumped,
        ] {
            #expect(!text.contains("ana") && !text.contains("patient"))
            #expect(text.contains("subject(…)"))
        }
        #expect(Mirror(reflecting: subject).children.isEmpty)
    }

    @Test("a type is a code, an id has 1 to 512 bytes; errors name neither")
    func limits() throws {
        for type in ["", " user", "-user", "us er", "ü", String(repeating: "a", count: 65)] {
            #expect(throws: VaultError.invalidSubjectType) { try SubjectID(type: type, id: "1") }
        }
        #expect(throws: VaultError.invalidSubjectID(byteCount: 0)) { try SubjectID(type: "user", id: "") }
        #expect(throws: VaultError.invalidSubjectID(byteCount: 514)) { try SubjectID(type: "user", id: String(repeating: "é", count: 257)) }
        _ = try SubjectID(type: "a.b:c_d-1", id: String(repeating: "é", count: 256))
    }

    @Test("ids are bytes: another case or another spelling in Unicode is another person")
    func bytes() throws {
        #expect(try SubjectID(type: "user", id: "e\u{301}") != SubjectID(type: "user", id: "\u{e9}"))
        #expect(try SubjectID(type: "user", id: "Ana") != SubjectID(type: "user", id: "ana"))
        #expect(try Set([person("1"), person("1"), person("2")]).count == 2)
    }
}
