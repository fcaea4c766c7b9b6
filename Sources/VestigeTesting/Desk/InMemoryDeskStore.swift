public import VestigeDesk

/// A desk in memory, for tests of hosts and as the plainest reading of the ``DeskStore`` contract.
public actor InMemoryDeskStore: DeskStore {
    /// By bytes: Swift's strings would take two spellings of a letter for one.
    private typealias Name = [UInt8]

    private var collections: [Name: [Name: DeskDocument]] = [:]
    private var lastVersion: UInt64 = 0

    public init() {}

    public func get(_ place: DeskPlace) -> DeskDocument? {
        collections[Name(place.collection.utf8)]?[Name(place.key.utf8)]
    }

    public func list(_ collection: String, after key: String?, limit: Int) -> [DeskDocument] {
        let after = key.map { Name($0.utf8) }
        let rest = (collections[Name(collection.utf8)] ?? [:]).filter { entry in
            after.map { $0.lexicographicallyPrecedes(entry.key) } ?? true
        }
        let sorted = rest.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        return sorted.prefix(max(0, min(limit, DeskLimits.pageCountMax))).map(\.value)
    }

    @discardableResult
    public func put(_ content: [UInt8], at place: DeskPlace, replacing version: UInt64?) throws -> UInt64 {
        try DeskLimits.check(content, at: place)
        let current = get(place)?.version
        guard current == version else { throw DeskError.conflict(current: current) }
        lastVersion += 1
        let document = DeskDocument(key: place.key, version: lastVersion, content: content)
        collections[Name(place.collection.utf8), default: [:]][Name(place.key.utf8)] = document
        return lastVersion
    }

    public func delete(_ place: DeskPlace, version: UInt64) throws {
        let current = get(place)?.version
        guard current == version else { throw DeskError.conflict(current: current) }
        collections[Name(place.collection.utf8)]?[Name(place.key.utf8)] = nil
    }
}
