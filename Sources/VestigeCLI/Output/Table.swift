/// Rows and columns for people.
struct Table {
    struct Column {
        let title: String
        var isNumber = false
        /// Longer cells are cut with an ellipsis.
        var widthMax = 60

        static func text(_ title: String, upTo width: Int = 60) -> Column { Column(title: title, widthMax: width) }
        static func number(_ title: String) -> Column { Column(title: title, isNumber: true) }
    }

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [String?]) {
        rows.append(zip(cells, columns).map { cell, column in Table.cut(TextWidth.printable(cell ?? ""), to: column.widthMax) })
    }

    /// Columns that are empty in every row are left out. Every line ends with a newline.
    func rendered(indent: String = "") -> String {
        let shown = columns.indices.filter { place in rows.contains { !$0[place].isEmpty } }
        guard !shown.isEmpty else { return "" }
        let titles = columns.map(\.title)
        let widths = shown.map { place in ([titles] + rows).map { TextWidth.of($0[place]) }.max() ?? 0 }
        var text = ""
        for row in [titles] + rows {
            var line = indent
            for (place, width) in zip(shown, widths) {
                let padding = String(repeating: " ", count: width - TextWidth.of(row[place]))
                line += columns[place].isNumber ? padding + row[place] : row[place] + padding
                if place != shown.last { line += "  " }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            text += line + "\n"
        }
        return text
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard TextWidth.of(text) > width else { return text }
        var kept = ""
        var used = 1
        for character in text {
            used += TextWidth.of(character)
            if used > width { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
