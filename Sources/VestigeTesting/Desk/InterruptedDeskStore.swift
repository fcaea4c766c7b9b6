public import VestigeDesk

/// A desk whose calls end at an ``Interruption``.
public struct InterruptedDeskStore: DeskStore {
    private let store: any DeskStore
    private let interruption: Interruption

    public init(_ store: any DeskStore, by interruption: Interruption) {
        self.store = store
        self.interruption = interruption
    }

    private func passing<Result>(_ call: String = #function, _ body: () async throws -> Result) async throws -> Result {
        try await interruption.passing(call, body)
    }

    public func get(_ place: DeskPlace) async throws -> DeskDocument? { try await passing { try await store.get(place) } }

    public func list(_ collection: String, after key: String?, limit: Int) async throws -> [DeskDocument] {
        try await passing { try await store.list(collection, after: key, limit: limit) }
    }

    @discardableResult
    public func put(_ content: [UInt8], at place: DeskPlace, replacing version: UInt64?) async throws -> UInt64 {
        try await passing { try await store.put(content, at: place, replacing: version) }
    }

    public func delete(_ place: DeskPlace, version: UInt64) async throws {
        try await passing { try await store.delete(place, version: version) }
    }
}
