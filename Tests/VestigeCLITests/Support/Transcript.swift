import Foundation
import TestSupport

/// A file of commands with what they print: `$ command`, output, `[exit 0]`. A command's lines up to one that reads `EOF` are its
/// stdin when it ends with `<<EOF`. Lines that begin with `#` are comments.
struct Transcript {
    struct Step: Equatable {
        var comments: [String] = []
        var command: String
        var input: [String]?
        var output: [String] = []
        var exit: Int32 = 0
    }

    var steps: [Step] = []

    init(_ text: String) {
        var comments: [String] = []
        var isInput = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if isInput {
                if line == "EOF" { isInput = false } else { steps[steps.count - 1].input?.append(line) }
            } else if line.hasPrefix("$ ") {
                var command = String(line.dropFirst(2))
                isInput = command.hasSuffix(" <<EOF")
                if isInput { command.removeLast(" <<EOF".count) }
                steps.append(Step(comments: comments, command: command, input: isInput ? [] : nil))
                comments = []
            } else if let exit = line.wholeMatch(of: #/\[exit (\d+)\]/#) {
                steps[steps.count - 1].exit = Int32(exit.1) ?? -1
            } else if line.hasPrefix("# "),
                steps.isEmpty || steps.last?.output.isEmpty == true || !comments.isEmpty || isAfterExit(line, text)
            {
                comments.append(line)
            } else if !steps.isEmpty, !line.isEmpty || steps[steps.count - 1].output.last?.isEmpty == false {
                steps[steps.count - 1].output.append(line)
            }
        }
        for place in steps.indices { while steps[place].output.last?.isEmpty == true { steps[place].output.removeLast() } }
    }

    private func isAfterExit(_ line: String, _ text: String) -> Bool {
        text.contains("]\n\n" + line + "\n")
    }

    var text: String {
        steps.map { step in
            var lines = step.comments
            lines.append("$ " + step.command + (step.input == nil ? "" : " <<EOF"))
            if let input = step.input { lines += input + ["EOF"] }
            lines += step.output
            lines.append("[exit \(step.exit)]")
            return lines.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    /// The same commands, with what they really print.
    func replayed(in directory: String) async throws -> Transcript {
        var replayed = self
        for place in steps.indices {
            let input = steps[place].input.map { $0.map { $0 + "\n" }.joined() } ?? ""
            let result = try await Program.shell(steps[place].command, in: directory, input: input)
            replayed.steps[place].exit = result.exit
            var lines = Transcript.steady(result.output, directory).split(separator: "\n", omittingEmptySubsequences: false).map(
                String.init)
            while lines.last?.isEmpty == true { lines.removeLast() }
            replayed.steps[place].output = lines
        }
        return replayed
    }

    /// What differs from run to run becomes a word in angle brackets; columns are set apart by two spaces whatever their width.
    static func steady(_ output: String, _ directory: String) -> String {
        let account = String(cString: getpwuid(geteuid()).pointee.pw_name)
        return
            output
            .replacing(directory, with: "<directory>")
            .replacing(#/\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/#.wordBoundaryKind(.simple)) { match in
                // Ids that the transcript itself gives stay.
                match.output.hasPrefix("01970000") ? String(match.output) : "<uuid>"
            }
            .replacing(#/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{6})?Z/#) { match in
                match.output.0.hasPrefix("2026-05") ? String(match.output.0) : "<time>"
            }
            .replacing(#/\b20\d\d-\d\d-\d\d\b/#) { $0.output.hasPrefix("2026-05") ? String($0.output) : "<day>" }
            .replacing(#/"(body|leaf|header|payload|salt_header|salt_payload)":"[A-Za-z0-9+\/=]+"/#) { "\"\($0.output.1)\":\"<base64>\"" }
            .replacing(#/\+[0-9a-f]{8}\+[A-Za-z0-9+\/]{44}/#, with: "+<key>")
            .replacing(#/— (\S+) [A-Za-z0-9+\/=]{92}/#) { "— \($0.output.1) <signature>" }
            .replacing(#/[A-Za-z0-9+\/]{43}=/#, with: "<hash>")
            .replacing(#/\b[0-9a-f]{64}\b/#.wordBoundaryKind(.simple), with: "<digest>")
            .replacing(#/\b[0-9a-f]{32}\b/#.wordBoundaryKind(.simple), with: "<pseudonym>")
            .replacing(#/@[0-9a-f]{8,12}…/#, with: "@<pseudonym>…")
            .replacing("\(account) (user/\(account))", with: "<account>")
            .replacing("\"id\":\"\(account)\",\"name\":\"\(account)\"", with: "\"id\":\"<account>\",\"name\":\"<account>\"")
            .replacing("\"exported_by\":\"\(account)\"", with: "\"exported_by\":\"<account>\"")
            .replacing(#/ {2,}/#, with: "  ")
            .replacing("\u{FEFF}", with: "<bom>").replacing("\r\n", with: "<cr>\n")
    }
}
