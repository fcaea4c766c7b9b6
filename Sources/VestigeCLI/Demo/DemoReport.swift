/// The demo's page: headings, what to type to ask the same, and the answer.
enum DemoReport {
    static func heading(_ text: String) {
        Output.line("\n" + text)
        Output.line(String(repeating: "─", count: TextWidth.of(text)))
    }

    static func command(_ text: String) {
        Output.line("  $ vestige \(text)")
    }

    static func say(_ text: String) {
        Output.line("  " + text)
    }

    static func show(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            Output.line(line.isEmpty ? "" : "    " + line)
        }
    }

    static func checked(_ text: String) {
        Output.line("  ✓ \(text)")
    }
}
