import Foundation

/// What a backup is, in a small JSON file beside it: `trail-….json` beside `trail-….sqlite`.
public struct BackupManifest: Sendable, Equatable, Codable {
    public enum Content: String, Sendable, Codable {
        case trail, vault
    }

    public var what: Content
    /// The name of the copy, in the same directory.
    public var file: String
    /// SHA-256 of the copy, hexadecimal, as `sha256sum` prints it.
    public var sha256: String
    public var bytes: Int
    /// When it was made, UTC.
    public var time: String
    /// Of the trail; for a vault, the trail that it belongs to.
    public var origin: String
    /// Id of the trail, hexadecimal.
    public var trail: String
    /// Entries in the trail; for a vault, how many of them it had seen.
    public var size: UInt64
    /// Of the tree of that size, base64; empty where a vault had seen none.
    public var root: String
    /// Of a vault: its id, hexadecimal.
    public var vault: String?
    /// Of a vault: the key-encryption key that everything in it stands under.
    public var kek: UInt32?

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [0x0A]
    }

    /// The manifest beside a copy; `nil` if there is none, or none that can be read.
    static func read(besides path: String) -> BackupManifest? {
        guard path.hasSuffix(".sqlite"), let data = FileManager.default.contents(atPath: path.dropLast(7) + ".json") else { return nil }
        return try? JSONDecoder().decode(BackupManifest.self, from: data)
    }
}

/// A backup that was made.
public struct Backup: Sendable, Equatable {
    public let manifest: BackupManifest
    /// Path of the copy.
    public let path: String
    /// The place of the entry that says so.
    public let seq: UInt64
    /// Paths of the older trails that this one goes on from, copied now or before.
    public let older: [String]
}
