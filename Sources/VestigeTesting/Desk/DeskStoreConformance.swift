public import VestigeDesk

/// Runs the contract of ``DeskStore`` against a store. For authors of stores; needs no test framework.
///
/// ```swift
/// try await DeskStoreConformance { try MyStore(emptyFile()) }.run()
/// ```
public struct DeskStoreConformance: Sendable {
    /// The first rule that a store broke.
    public struct Failure: Error, CustomStringConvertible {
        public let rule: String
        public let found: String
        public var description: String { "the store breaks its contract: \(rule) (\(found)); see DeskStore" }
    }

    private typealias Rule = (sentence: String, check: @Sendable (any DeskStore) async throws -> Void)
    private struct Mismatch: Error {
        let found: String
    }

    private let makeStore: @Sendable () async throws -> any DeskStore

    /// - Parameter makeStore: gives a new, empty store at each call.
    public init(_ makeStore: @escaping @Sendable () async throws -> any DeskStore) { self.makeStore = makeStore }

    /// - Throws: ``Failure`` for the first rule broken, or the store's own error.
    public func run() async throws {
        for rule in Self.rules {
            do {
                try await rule.check(try await makeStore())
            } catch let mismatch as Mismatch {
                throw Failure(rule: rule.sentence, found: mismatch.found)
            }
        }
    }

    private static func expect(_ condition: Bool, _ found: String) throws {
        guard condition else { throw Mismatch(found: found) }
    }

    private static func expect(_ error: DeskError, _ body: () async throws -> Void) async throws {
        do { try await body() } catch let thrown as DeskError {
            return try expect(thrown == error, "it threw \(thrown)")
        }
        throw Mismatch(found: "nothing was thrown")
    }

    private static let place = DeskPlace("tokens", "a")

    private static let rules: [Rule] = [
        (
            "what is put is got back with its version, and only there",
            { store in
                try expect(try await store.get(place) == nil, "an empty store has a document")
                let version = try await store.put([1, 2, 3], at: place, replacing: nil)
                try expect(
                    try await store.get(place) == DeskDocument(key: "a", version: version, content: [1, 2, 3]), "another document came back"
                )
                try expect(try await store.get(DeskPlace("tokens", "A")) == nil, "case was folded")
                try expect(try await store.get(DeskPlace("cursors", "a")) == nil, "collections were mixed up")
                try await store.put([], at: DeskPlace("tokens", "empty"), replacing: nil)
                try expect(try await store.get(DeskPlace("tokens", "empty"))?.content == [], "empty contents did not come back")
            }
        ),
        (
            "a put needs the newest version",
            { store in
                let first = try await store.put([1], at: place, replacing: nil)
                try await expect(.conflict(current: first)) { _ = try await store.put([2], at: place, replacing: nil) }
                let second = try await store.put([2], at: place, replacing: first)
                try expect(second > first, "the version did not grow")
                try await expect(.conflict(current: second)) { _ = try await store.put([3], at: place, replacing: first) }
                try await expect(.conflict(current: nil)) { _ = try await store.put([3], at: DeskPlace("tokens", "b"), replacing: 1) }
                try expect(try await store.get(place)?.content == [2], "a refused put was written")
            }
        ),
        (
            "a delete needs the newest version, and versions never come back",
            { store in
                let first = try await store.put([1], at: place, replacing: nil)
                let second = try await store.put([2], at: place, replacing: first)
                try await expect(.conflict(current: second)) { try await store.delete(place, version: first) }
                try await store.delete(place, version: second)
                try expect(try await store.get(place) == nil, "it is still there")
                try await expect(.conflict(current: nil)) { try await store.delete(place, version: second) }
                let third = try await store.put([3], at: place, replacing: nil)
                try expect(third > second, "a version came back")
            }
        ),
        (
            "a collection is listed in pages, ascending by the bytes of the keys",
            { store in
                let keys = ["b", "a", "B", "é", "e\u{301}", "aa", "z"]
                for key in keys { try await store.put(Array(key.utf8), at: DeskPlace("tokens", key), replacing: nil) }
                try await store.put([0], at: DeskPlace("tokenz", "c"), replacing: nil)
                var found: [DeskDocument] = []
                while true {
                    let page = try await store.list("tokens", after: found.last?.key, limit: 2)
                    try expect(page.count <= 2, "a page is longer than its limit")
                    if page.isEmpty { break }
                    found += page
                }
                let expected = keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
                try expect(found.map { Array($0.key.utf8) } == expected, "documents are missing, doubled or out of order")
                try expect(found.map(\.content) == expected, "contents were mixed up")
                try expect(try await store.list("tokens", after: nil, limit: 0).isEmpty, "a limit of 0 found something")
            }
        ),
        (
            "names and contents over their limits are refused",
            { store in
                let long = String(repeating: "x", count: DeskLimits.nameByteCountMax + 1)
                try await expect(.invalidName(byteCount: long.utf8.count)) {
                    _ = try await store.put([], at: DeskPlace("tokens", long), replacing: nil)
                }
                try await expect(.invalidName(byteCount: 0)) { _ = try await store.put([], at: DeskPlace("", "a"), replacing: nil) }
                let large = [UInt8](repeating: 7, count: DeskLimits.contentByteCountMax + 1)
                try await expect(.tooLarge(byteCount: large.count)) { _ = try await store.put(large, at: place, replacing: nil) }
                let version = try await store.put(Array(large.dropLast()), at: place, replacing: nil)
                try expect(try await store.get(place)?.version == version, "the largest contents were not kept")
            }
        ),
        (
            "of many writers who know the same version one succeeds",
            { store in
                let version = try await store.put([0], at: place, replacing: nil)
                let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 1...20 as ClosedRange<UInt8> {
                        group.addTask {
                            do { try await store.put([number], at: place, replacing: version) } catch DeskError.conflict { return false }
                            return true
                        }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                try expect(winners == 1, "\(winners) succeeded")
            }
        ),
        (
            "a write runs to its end although the calling task is cancelled",
            { store in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await store.put([9], at: place, replacing: nil)
                }
                let version = try await task.value
                try expect(try await store.get(place)?.version == version, "it was rolled back")
            }
        ),
    ]
}
