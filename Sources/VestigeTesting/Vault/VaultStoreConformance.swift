public import VestigeVault

/// Runs the contract of ``VaultStore`` against a store. For authors of stores; needs no test framework.
///
/// ```swift
/// try await VaultStoreConformance { try await MyStore(emptyFile()) }.run()
/// ```
public struct VaultStoreConformance: Sendable {
    /// The first rule that a store broke.
    public struct Failure: Error, CustomStringConvertible {
        public let rule: String
        public let found: String
        public var description: String { "the store breaks its contract: \(rule) (\(found)); see VaultStore" }
    }

    /// One rule, as a sentence, with the check for it. Each is given an empty store.
    public struct Rule: Sendable {
        public let sentence: String
        let check: @Sendable (any VaultStore, VaultStoreFixture) async throws -> Void
    }

    private let makeStore: @Sendable () async throws -> any VaultStore

    /// - Parameter makeStore: gives a new, empty store at each call.
    public init(_ makeStore: @escaping @Sendable () async throws -> any VaultStore) { self.makeStore = makeStore }

    public static let rules: [Rule] = basicRules + mintingRules + linkRules + indexRules + erasureRules + rotationRules

    /// Checks every rule.
    ///
    /// - Throws: ``Failure`` for the first one broken, or the store's own error.
    public func run() async throws { for rule in Self.rules { try await run(rule) } }

    public func run(_ rule: Rule) async throws {
        do {
            try await rule.check(try await makeStore(), VaultStoreFixture())
        } catch let mismatch as VaultStoreFixture.Mismatch {
            throw Failure(rule: rule.sentence, found: mismatch.found)
        }
    }
}
