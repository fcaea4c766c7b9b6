import Testing

@testable import VestigeCLI

@Suite("Tables")
struct TableTests {
    @Test(
        "combining marks take no column and wide scripts two",
        arguments: [
            ("Ana", 3), ("Ṩmi\u{0301}th", 5), ("日本", 4), ("ლევან", 5), ("Γιώργος", 7), ("אבג", 3), ("👩‍🔬", 2), ("", 0), ("한국", 4),
            ("e\u{0301}\u{0302}", 1),
        ])
    func widths(text: String, width: Int) {
        #expect(TextWidth.of(text) == width)
    }

    @Test("columns line up whatever the script")
    func lineUp() {
        var table = Table([.text("who"), .number("n"), .text("empty")])
        table.add(["日本", "7", nil])
        table.add(["Ana Li\u{0301}ma", "1200", ""])
        #expect(table.rendered() == "who          n\n日本         7\nAna Li\u{0301}ma  1200\n")
    }

    @Test("a name cannot write on the terminal")
    func escapes() {
        #expect(TextWidth.printable("a\u{1B}[2Jb\u{202E}c\nd") == "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d")
    }

    @Test("long cells are cut with an ellipsis")
    func cut() {
        var table = Table([.text("t", upTo: 4)])
        table.add(["日本語文字"])
        #expect(table.rendered() == "t\n日…\n")
    }

    @Test("numbers are grouped by thousands", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func grouped(number: Int, text: String) {
        #expect(number.grouped == text)
    }
}
