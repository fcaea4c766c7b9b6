import Testing
import VestigePolicy

@Suite("Did you mean")
struct SuggestionTests {
    @Test(
        "a word with one slip finds the declared one",
        arguments: [("treatement", "treatment"), ("bilinlg", "billing"), ("TREATMENT", "treatment")])
    func near(word: String, expected: String) {
        #expect(suggestion(for: word, among: ["treatment", "billing"]) == expected)
    }

    @Test("two neighbours swapped are one edit")
    func swapped() {
        #expect(suggestion(for: "raed", among: ["read"]) == "read")
    }

    @Test("a word far from all gets no suggestion")
    func far() {
        #expect(suggestion(for: "marketing", among: ["treatment", "billing"]) == nil)
        #expect(suggestion(for: "", among: ["a"]) == nil)
        #expect(suggestion(for: String(repeating: "a", count: 129), among: [String(repeating: "a", count: 128)]) == nil)
    }

    @Test("of two equally near the first wins")
    func first() {
        #expect(suggestion(for: "cat", among: ["bat", "car"]) == "bat")
    }
}
