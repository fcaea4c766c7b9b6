/// One thing that is wrong in a policy file, and where.
public struct PolicyProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name as the caller gave it.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, counted in Unicode scalars.
    public let column: Int
    public let message: String

    public init(file: String, line: Int, column: Int, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `Policies/clinic.yaml:4:28: unknown purpose "treatement"; …`, the form that editors and CI systems link.
    public var description: String { "\(file):\(line):\(column): \(message)" }
}

/// A policy that was refused. Nothing of it is in force; the one adopted before stays.
///
/// A policy speaks of kinds of data, never of people, so its words may stand in the message.
public struct PolicyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Most problems found in one file that are reported; the last one says how many more there were.
    public static let problemCountMax = 100

    /// Every problem found, in the order of the file, never empty.
    public let problems: [PolicyProblem]

    /// - Parameter problems: In any order; sorted here by line and column.
    package init(_ problems: [PolicyProblem]) {
        let sorted = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        guard sorted.count > Self.problemCountMax, let last = sorted.last else {
            self.problems = sorted
            return
        }
        let shown = Array(sorted.prefix(Self.problemCountMax - 1))
        let rest = sorted.count - shown.count
        self.problems =
            shown + [
                PolicyProblem(
                    file: last.file, line: last.line, column: last.column, message: "and \(rest) more problems; mend those above first")
            ]
    }

    /// One line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
