public import VestigeCrypto

/// The hashes of an RFC 6962 tree over SHA-256 (§2.1).
public enum TreeHash {
    /// Root of a tree without leaves: SHA-256 of nothing.
    public static let empty = sha256([])

    /// `SHA-256(0x00 ‖ leaf)`
    public static func leaf(_ bytes: [UInt8]) -> Bytes32 {
        var hasher = SHA256Hasher()
        hasher.update(byte: 0x00)
        hasher.update(bytes)
        return hasher.finish()
    }

    /// `SHA-256(0x01 ‖ left ‖ right)`
    public static func node(_ left: Bytes32, _ right: Bytes32) -> Bytes32 {
        var hasher = SHA256Hasher()
        hasher.update(byte: 0x01)
        hasher.update(left)
        hasher.update(right)
        return hasher.finish()
    }

    /// Root of perfect or ragged `hashes`, each the root of a subtree of equal height.
    static func root(of hashes: ArraySlice<Bytes32>) -> Bytes32 {
        guard var builder = hashes.isEmpty ? nil : TreeBuilder() else { return empty }
        for hash in hashes { builder.push(hash) }
        return builder.root
    }
}

/// How many leaves, and their root.
public struct TreeHead: Sendable, Equatable {
    public let size: UInt64
    public let root: Bytes32

    public init(size: UInt64, root: Bytes32) {
        self.size = size
        self.root = root
    }

    public static let empty = TreeHead(size: 0, root: TreeHash.empty)
}

/// 256 neighbouring hashes of one level, as in C2SP tlog-tiles: level `l` holds subtrees of 256^l leaves.
///
/// Only full tiles are stored, 8,192 bytes each; what is not full yet is computed from leaves and lower tiles.
public struct Tile: Sendable, Equatable {
    public static let width = 256
    public static let byteCount = 8192

    public let level: Int
    public let index: UInt64
    public let hashes: [Bytes32]

    public init(level: Int, index: UInt64, hashes: [Bytes32]) {
        self.level = level
        self.index = index
        self.hashes = hashes
    }

    /// `nil` unless 8,192 bytes.
    public init?(level: Int, index: UInt64, decoding bytes: [UInt8]) {
        guard bytes.count == Tile.byteCount else { return nil }
        var hashes: [Bytes32] = []
        hashes.reserveCapacity(Tile.width)
        for start in stride(from: 0, to: Tile.byteCount, by: 32) {
            guard let hash = Bytes32(bytes[start..<start + 32]) else { return nil }
            hashes.append(hash)
        }
        self.init(level: level, index: index, hashes: hashes)
    }

    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Tile.byteCount)
        for hash in hashes { hash.append(to: &bytes) }
        return bytes
    }
}
