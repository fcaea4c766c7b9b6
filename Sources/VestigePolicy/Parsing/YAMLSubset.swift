/// Looks through a YAML text, before a parser builds anything from it, for what a policy may not use: anchors and
/// aliases (a text of 48 KiB can stand for gigabytes), tags, directives and deep nesting.
///
/// It follows quotes, comments, block scalars and flow brackets, no more. Where it cannot be sure (the second line of a
/// plain scalar that begins with `*`) it refuses: the way out, quotes, is in the message.
struct YAMLSubset {
    static let flowDepthMax = 16

    struct Finding: Equatable {
        let line: Int
        let column: Int
        let message: String
    }

    private var quote: Unicode.Scalar?
    private var flowDepth = 0
    /// Leading spaces of the key that a block scalar belongs to; its lines are deeper.
    private var blockIndent: Int?
    /// Column, from 0, of the token that began last on this line.
    private var tokenColumn = 0

    /// The first thing that a policy may not use.
    static func finding(in text: String) -> Finding? {
        var scan = YAMLSubset()
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if let (column, message) = scan.read(Array(line)) { return Finding(line: index + 1, column: column + 1, message: message) }
        }
        return nil
    }

    private mutating func read(_ line: [Unicode.Scalar]) -> (column: Int, message: String)? {
        if let indent = blockIndent {
            let spaces = line.prefix { $0 == " " }.count
            if spaces > indent || line.allSatisfy({ $0 == " " || $0 == "\t" || $0 == "\r" }) { return nil }
            blockIndent = nil
        }
        var place = 0
        var atToken = quote == nil
        if atToken, line.starts(with: "---".unicodeScalars), Self.isBlank(line, 3) { place = 3 }
        if atToken, line.first == "%" { return (0, "YAML directives are not used in policies; leave the line out") }
        while place < line.count {
            let scalar = line[place]
            if let open = quote {
                if open == "\"", scalar == "\\" {
                    place += 1
                } else if scalar == open {
                    quote = nil
                }
            } else if scalar == "#", place == 0 || line[place - 1] == " " || line[place - 1] == "\t" {
                return nil
            } else if atToken {
                if let message = begin(scalar, at: place, in: line, &atToken) { return (place, message) }
                if blockIndent != nil { return nil }
            } else {
                follow(scalar, at: place, in: line, &atToken)
            }
            place += 1
        }
        return nil
    }

    /// A scalar where a token may begin.
    private mutating func begin(_ scalar: Unicode.Scalar, at place: Int, in line: [Unicode.Scalar], _ atToken: inout Bool) -> String? {
        switch scalar {
        case " ", "\t", "\r", ",": break
        case "-", "?", ":":
            if !Self.isBlank(line, place + 1) { atToken = false }
            if scalar != ":" { tokenColumn = place }
        case "[", "{":
            flowDepth += 1
            if flowDepth > Self.flowDepthMax { return "brackets are nested over \(Self.flowDepthMax) deep; no policy needs that" }
        case "]", "}": close(&atToken)
        case "\"", "'":
            (quote, tokenColumn, atToken) = (scalar, place, false)
        case "&", "*": return "anchors and aliases (& and *) are not used in policies; write the value out, or put the text in quotes"
        case "!": return "YAML tags (!) are not used in policies; leave it out, or put the text in quotes"
        case "|", ">":
            if flowDepth == 0 { blockIndent = tokenColumn }
            atToken = false
        default: (tokenColumn, atToken) = (place, false)
        }
        return nil
    }

    /// A scalar inside of a plain one, or after a quoted one.
    private mutating func follow(_ scalar: Unicode.Scalar, at place: Int, in line: [Unicode.Scalar], _ atToken: inout Bool) {
        switch scalar {
        case ":": atToken = flowDepth > 0 || Self.isBlank(line, place + 1)
        case ",", "[", "{":
            guard flowDepth > 0 else { return }
            if scalar != "," { flowDepth += 1 }
            atToken = true
        case "]", "}": close(&atToken)
        default: break
        }
    }

    private mutating func close(_ atToken: inout Bool) {
        flowDepth = max(0, flowDepth - 1)
        atToken = false
    }

    private static func isBlank(_ line: [Unicode.Scalar], _ place: Int) -> Bool {
        place >= line.count || line[place] == " " || line[place] == "\t" || line[place] == "\r"
    }
}
