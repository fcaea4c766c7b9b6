/// Codes and what the policy says about each, in the order of the file, since that is the order its readers know.
public struct Declarations<Value: Sendable & Equatable>: Sendable, Equatable {
    /// In the order of the file.
    public let codes: [String]
    private let values: [String: Value]

    /// - Parameter pairs: Codes are unique; of two with the same code the later wins.
    package init(_ pairs: [(code: String, value: Value)] = []) {
        var seen: Set<String> = []
        codes = pairs.map(\.code).filter { seen.insert($0).inserted }
        values = Dictionary(pairs.map { ($0.code, $0.value) }, uniquingKeysWith: { $1 })
    }

    public subscript(code: String) -> Value? { values[code] }
    public var isEmpty: Bool { codes.isEmpty }
    public var count: Int { codes.count }
    public func contains(_ code: String) -> Bool { values[code] != nil }

    /// In the order of the file.
    public var pairs: [(code: String, value: Value)] {
        codes.compactMap { code in values[code].map { (code, $0) } }
    }
}
