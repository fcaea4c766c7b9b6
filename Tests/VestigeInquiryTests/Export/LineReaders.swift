import Foundation

/// A reader of RFC 5424 messages, written from the grammar of its section 6; it has never seen the writer.
struct SyslogMessage: Equatable {
    var priority = 0
    var timestamp = ""
    var host = ""
    var app = ""
    var process = ""
    var messageID = ""
    var elements: [String] = []
    var parameters: [(name: String, value: String)] = []
    var text = ""

    static func == (left: SyslogMessage, right: SyslogMessage) -> Bool { left.parts == right.parts && left.text == right.text }

    private var parts: [String] {
        ["\(priority)", timestamp, host, app, process, messageID] + elements + parameters.flatMap { [$0.name, $0.value] }
    }

    func values(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

    /// `nil` if the line breaks the grammar.
    init?(_ bytes: [UInt8]) {
        guard let line = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = Array(line.unicodeScalars)[...]
        guard rest.popFirst() == "<" else { return nil }
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard (1...3).contains(digits.count), let priority = Int(String(String.UnicodeScalarView(digits))), priority <= 191 else {
            return nil
        }
        rest = rest[digits.endIndex...]
        guard rest.popFirst() == ">", rest.popFirst() == "1", rest.popFirst() == " " else { return nil }
        self.priority = priority
        var words: [String] = []
        for limit in [64, 255, 48, 128, 32] {
            let word = rest.prefix { $0 != " " }
            guard (1...limit).contains(word.count), word.allSatisfy({ (0x21...0x7E).contains($0.value) }) else { return nil }
            words.append(String(String.UnicodeScalarView(word)))
            rest = rest[word.endIndex...]
            guard rest.popFirst() == " " else { return nil }
        }
        (timestamp, host, app, process, messageID) = (words[0], words[1], words[2], words[3], words[4])
        if rest.first == "-" {
            rest.removeFirst()
        } else {
            guard rest.first == "[" else { return nil }
            while rest.first == "[" { guard readElement(&rest) else { return nil } }
        }
        guard let space = rest.popFirst() else { return }
        guard space == " " else { return nil }
        if rest.first == "\u{FEFF}" { rest.removeFirst() } else if !rest.allSatisfy(\.isASCII) { return nil }
        text = String(String.UnicodeScalarView(rest))
    }

    private mutating func readElement(_ rest: inout ArraySlice<Unicode.Scalar>) -> Bool {
        rest.removeFirst()
        let name = rest.prefix { $0 != " " && $0 != "]" }
        guard (1...32).contains(name.count), name.allSatisfy({ (0x21...0x7E).contains($0.value) && $0 != "=" && $0 != "\"" }) else {
            return false
        }
        elements.append(String(String.UnicodeScalarView(name)))
        rest = rest[name.endIndex...]
        while rest.first == " " {
            rest.removeFirst()
            let key = rest.prefix { $0 != "=" }
            guard (1...32).contains(key.count), key.allSatisfy({ (0x21...0x7E).contains($0.value) }) else { return false }
            rest = rest[key.endIndex...].dropFirst()
            guard rest.popFirst() == "\"" else { return false }
            var value = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                if scalar == "]" { return false }
                guard scalar == "\\", let next = rest.first, ["\"", "\\", "]"].contains(next) else {
                    value.append(scalar)
                    continue
                }
                value.append(next)
                rest.removeFirst()
            }
            parameters.append((String(String.UnicodeScalarView(key)), String(value)))
        }
        return rest.popFirst() == "]"
    }
}

/// A reader of CEF:0, written from the character encoding rules of its document.
struct CEFMessage {
    /// After the version: vendor, product, version, class id, name, severity.
    var header: [String] = []
    var fields: [(key: String, value: String)] = []

    func value(_ key: String) -> String? { fields.first { $0.key == key }?.value }

    init?(_ line: String) {
        guard line.hasPrefix("CEF:0|"), !line.contains("\n"), !line.contains("\r") else { return nil }
        var rest = Array(line.dropFirst(6).unicodeScalars)[...]
        for _ in 0..<6 {
            var part = String.UnicodeScalarView()
            var isClosed = false
            while let scalar = rest.popFirst() {
                if scalar == "|" {
                    isClosed = true
                    break
                }
                guard scalar == "\\" else {
                    part.append(scalar)
                    continue
                }
                guard let next = rest.popFirst(), next == "|" || next == "\\" else { return nil }
                part.append(next)
            }
            guard isClosed else { return nil }
            header.append(String(part))
        }
        // A key is the word before an equals sign that no backslash precedes.
        var starts: [(key: Int, equals: Int)] = []
        let text = Array(rest)
        var place = 0
        var wordStart = 0
        while place < text.count {
            if text[place] == "\\" {
                place += 2
                continue
            }
            if text[place] == " " { wordStart = place + 1 }
            if text[place] == "=" { starts.append((wordStart, place)) }
            place += 1
        }
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1].key - 1 : text.count
            guard let value = CEFMessage.unescaped(text[(start.equals + 1)..<end]) else { return nil }
            fields.append((String(String.UnicodeScalarView(text[start.key..<start.equals])), value))
        }
    }

    private static func unescaped(_ text: ArraySlice<Unicode.Scalar>) -> String? {
        var value = String.UnicodeScalarView()
        var rest = text
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                value.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "\\": value.append("\\")
            case "=": value.append("=")
            case "n": value.append("\n")
            case "r": value.append("\r")
            default: return nil
            }
        }
        return String(value)
    }
}

/// A reader of RFC 4180.
enum CSVReader {
    static func rows(_ text: String) -> [[String]]? {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = String.UnicodeScalarView()
        var isQuoted = false
        var wasQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            if isQuoted {
                if scalar != "\"" {
                    cell.append(scalar)
                } else if scalars.first == "\"" {
                    cell.append(scalars.removeFirst())
                } else {
                    isQuoted = false
                }
            } else if scalar == "\"" {
                guard cell.isEmpty, !wasQuoted else { return nil }
                (isQuoted, wasQuoted) = (true, true)
            } else if scalar == "," || scalar == "\r" {
                row.append(String(cell))
                (cell, wasQuoted) = (String.UnicodeScalarView(), false)
                guard scalar == "\r" else { continue }
                guard scalars.popFirst() == "\n" else { return nil }
                rows.append(row)
                row = []
            } else {
                guard scalar != "\n", !wasQuoted else { return nil }
                cell.append(scalar)
            }
        }
        return isQuoted || !row.isEmpty || !cell.isEmpty ? nil : rows
    }
}
