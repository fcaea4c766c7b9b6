/// The candidate that `word` was most likely meant to be, or nil if none is near.
///
/// Near means: at most one edit (insertion, deletion, replacement, two neighbours swapped) for each three characters,
/// at least one and at most three. Case does not count. Of equally near candidates the first wins.
/// Words over 128 characters get no suggestion: the distance takes quadratic time.
public func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
    let given = Array(word.lowercased())
    guard !given.isEmpty, given.count <= 128 else { return nil }
    let limit = Swift.min(3, Swift.max(1, given.count / 3))
    var best: (candidate: String, distance: Int)?
    for candidate in candidates where candidate != word {
        let other = Array(candidate.lowercased())
        guard abs(other.count - given.count) <= limit else { continue }
        let distance = editDistance(given, other)
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
}

/// Optimal string alignment distance, in three rows of a table.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for (row, character) in left.enumerated() {
        var current = [row + 1]
        current.reserveCapacity(right.count + 1)
        for (column, other) in right.enumerated() {
            var cost = Swift.min(previous[column + 1] + 1, current[column] + 1, previous[column] + (character == other ? 0 : 1))
            if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                cost = Swift.min(cost, beforePrevious[column - 1] + 1)
            }
            current.append(cost)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
}

/// `unknown purpose "treatement"; this policy declares: treatment, billing (did you mean "treatment"?)`
func unknownMessage(_ kind: String, _ word: String, known: [String], declares: String = "this policy declares") -> String {
    let list = known.isEmpty ? "none" : known.joined(separator: ", ")
    let hint = suggestion(for: word, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
    return "unknown \(kind) \"\(word)\"; \(declares): \(list)\(hint)"
}
