/// Small working state that is not evidence: tokens, cursors, caches. Documents by collection and key, changed only by
/// whoever knows their newest version.
///
/// **Contract**
/// - A document is found by the exact bytes of its collection and key; "é" in two spellings is two keys.
/// - A *write* (``put(_:at:replacing:)``, ``delete(_:version:)``) is durable when it returns and changes nothing when it
///   throws. Cancelling the calling task does not cut it short.
/// - Of several writers who know the same version, in this process or another, exactly one succeeds; the others get
///   ``DeskError/conflict(current:)``.
/// - Versions of one key only grow and never come back, even after a delete: who slept through delete and put is refused.
/// - Errors: ``DeskError``; anything else is the engine's own error, without contents in its message.
///
/// Every store passes `DeskStoreConformance` of VestigeTesting.
public protocol DeskStore: Sendable {
    /// The document there, `nil` if there is none.
    func get(_ place: DeskPlace) async throws -> DeskDocument?

    /// The documents of a collection after `key`, ascending by the bytes of their keys, at most `limit` (and never more
    /// than ``DeskLimits/pageCountMax``).
    func list(_ collection: String, after key: String?, limit: Int) async throws -> [DeskDocument]

    /// Puts `content` there if the document is still at `version`; `nil`: if there is none.
    ///
    /// - Returns: the new version.
    /// - Throws: ``DeskError/conflict(current:)``, ``DeskError/invalidName(byteCount:)``, ``DeskError/tooLarge(byteCount:)``.
    @discardableResult
    func put(_ content: [UInt8], at place: DeskPlace, replacing version: UInt64?) async throws -> UInt64

    /// Removes the document if it is still at `version`.
    ///
    /// - Throws: ``DeskError/conflict(current:)``, also when there is none.
    func delete(_ place: DeskPlace, version: UInt64) async throws
}

/// Where a document lies.
public struct DeskPlace: Sendable {
    public let collection: String
    public let key: String

    public init(_ collection: String, _ key: String) {
        self.collection = collection
        self.key = key
    }
}

public struct DeskDocument: Sendable, Equatable {
    public let key: String
    public let version: UInt64
    public let content: [UInt8]

    public init(key: String, version: UInt64, content: [UInt8]) {
        self.key = key
        self.version = version
        self.content = content
    }
}

public enum DeskLimits {
    /// UTF-8 bytes of a collection or a key; at least 1.
    public static let nameByteCountMax = 512
    public static let contentByteCountMax = 1 << 20
    public static let pageCountMax = 1_000

    /// What every store checks before it puts a document.
    ///
    /// - Throws: ``DeskError/invalidName(byteCount:)``, ``DeskError/tooLarge(byteCount:)``
    public static func check(_ content: [UInt8], at place: DeskPlace) throws(DeskError) {
        for count in [place.collection.utf8.count, place.key.utf8.count] where !(1...nameByteCountMax).contains(count) {
            throw .invalidName(byteCount: count)
        }
        if content.count > contentByteCountMax { throw .tooLarge(byteCount: content.count) }
    }
}
