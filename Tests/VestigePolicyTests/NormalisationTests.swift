import Testing
import VestigePolicy

@Suite("Values of searchable fields are compared in one form")
struct NormalisationTests {
    private func form(_ normalisation: Normalisation, _ text: String) -> String {
        String(decoding: normalisation.form(of: text), as: UTF8.self)
    }

    @Test(
        "what people write differently is one value",
        arguments: [
            (Normalisation.email, " Ana.Lima@Example.ORG\n", "ana.lima@example.org"),
            (.email, "JOSE\u{301}@example.org", "jos\u{e9}@example.org"),
            (.email, "stra\u{df}e@example.org", "stra\u{df}e@example.org"),
            (.text, "  Ana \t MARIA\u{a0}Lima ", "ana maria lima"),
            (.text, "Weiß", "weiss"), (.text, "WEISS", "weiss"), (.text, "Ὀδυσσεύς", "ὀδυσσεύσ"), (.text, "ὈΔΥΣΣΕΎΣ", "ὀδυσσεύσ"),
            (.compact, "+49 (0)30 / 901-820", "49030901820"), (.compact, "DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
            (.compact, "A-123.456", "a123456"), (.compact, "٠٣٠", "٠٣٠"),
            (.none, " As It Is ", " As It Is "),
            (.compact, " -/- ", ""), (.text, "  ", ""), (.email, "", ""),
        ])
    func forms(normalisation: Normalisation, text: String, expected: String) {
        let found = form(normalisation, text)
        #expect(Array(found.utf8) == Array(expected.utf8), "\(found)")
        #expect(form(normalisation, found) == found, "a form is its own form")
    }

    @Test("what is different stays different")
    func different() {
        #expect(form(.email, "a b@example.org") != form(.email, "ab@example.org"))
        #expect(form(.text, "Ana Lima") != form(.text, "AnaLima"))
        #expect(form(.text, "Müller") != form(.text, "Muller"))
        #expect(form(.none, "Ana") != form(.none, "ana"))
    }

    @Test("contact is compared as e-mail, other fields as text, unless the policy says otherwise")
    func defaults() throws {
        let bank = try PolicyFiles.example("bank-enquiries")
        #expect(bank.records["account"]?.fields["iban"]?.normalisation == .compact)
        let directory = try PolicyFiles.example("people-directory")
        #expect(directory.records["user"]?.fields["email"]?.normalisation == .email)
        #expect(directory.records["user"]?.fields["name"]?.normalisation == .text)
    }
}
