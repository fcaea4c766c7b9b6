import Foundation
import Glibc
public import VestigeCrypto
import VestigeTrail

/// What one run of publishing did.
public struct Publication: Sendable, Equatable {
    public let size: UInt64
    /// Entries that the directory held before.
    public let before: UInt64
    public let root: Bytes32
    /// Files that were written, the checkpoint among them; 0 when everything was there.
    public let written: Int
    /// Partial tiles that went because their tile is full now.
    public let removed: Int
}

/// A directory that holds a trail's tree as static files (C2SP tlog-tiles): checkpoint, tiles, and bundles of leaves. No body and nothing
/// sealed is in it.
///
/// A file is never changed once it has its name, but for the checkpoint, which is written when everything under it is durable. So it can be
/// served while this runs, and a run that is cut short is gone on with.
struct PublishedTree {
    let directory: String
    let progress: (@Sendable (_ done: UInt64, _ of: UInt64) -> Void)?

    /// Brings the directory to `tree`.
    ///
    /// - Parameters:
    ///   - note: the checkpoint with all signatures it has by now.
    ///   - verified: reads a note that a key of this trail signed.
    /// - Throws: ``PublishError``, ``TrailError``
    func publish(_ tree: TreeSnapshot, note: String, verified: (String) throws -> Checkpoint) throws -> Publication {
        try PublicFile.makeDirectory(directory)
        let lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw PublishError.system("opening \(directory)", errno) }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw PublishError.busy(directory) }

        let published = try found(tree, verified)
        let before = published?.size ?? 0
        var writer = TreeWriter(directory: directory)
        try write(tree, from: before, by: &writer)
        try writer.syncDirectories()
        if published?.note != note { try writer.replace(TilePath.checkpoint, Array(note.utf8)) }
        let removed = try removePartials(from: before, to: tree.checkpoint.size)
        return Publication(
            size: tree.checkpoint.size, before: before, root: tree.checkpoint.root, written: writer.written, removed: removed)
    }

    /// The checkpoint that stands there, held against the trail; `nil` in a directory that holds none.
    private func found(_ tree: TreeSnapshot, _ verified: (String) throws -> Checkpoint) throws -> Checkpoint? {
        guard let bytes = try PublicFile.contents(path(TilePath.checkpoint)) else {
            // A first run that was cut short leaves tiles and no checkpoint.
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            let strange = names.first { $0 != TilePath.top && $0 != TilePath.checkpoint + ".new" && !$0.hasPrefix(".") }
            guard let strange else { return nil }
            throw PublishError.foreign("\(directory) is no published tree: it holds \(strange) and no checkpoint")
        }
        let published: Checkpoint
        do {
            published = try verified(String(decoding: bytes, as: UTF8.self))
        } catch {
            throw PublishError.foreign("\(directory) holds a checkpoint that is not of this trail (\(error))")
        }
        guard published.size <= tree.checkpoint.size else {
            throw PublishError.larger(published: published.size, size: tree.checkpoint.size)
        }
        guard try tree.root(at: published.size) == published.root else { throw PublishError.forked(published: published.size) }
        return published
    }

    /// Everything that a tree of that size has and one of `before` had not.
    private func write(_ tree: TreeSnapshot, from before: UInt64, by writer: inout TreeWriter) throws {
        let size = tree.checkpoint.size
        let all = TreeSnapshot.tiles(atLevel: 0, size: size)
        let first = TreeSnapshot.tiles(atLevel: 0, size: before).full
        for index in first..<all.full + (all.partialWidth > 0 ? 1 : 0) {
            let leaves = try tree.leaves(index: index)
            try writer.write(TilePath.bundle(index: index, width: leaves.count), TreeSnapshot.bundle(of: leaves))
            progress?(index - first, all.full + 1 - first)
        }
        for level in 0..<TreeSnapshot.levelCount(at: size) {
            let (full, width) = TreeSnapshot.tiles(atLevel: level, size: size)
            for index in TreeSnapshot.tiles(atLevel: level, size: before).full..<full + (width > 0 ? 1 : 0) {
                let hashes = try tree.hashes(level: level, index: index)
                var bytes: [UInt8] = []
                bytes.reserveCapacity(hashes.count * Bytes32.byteCount)
                for hash in hashes { hash.append(to: &bytes) }
                try writer.write(TilePath.tile(level: level, index: index, width: hashes.count), bytes)
            }
        }
    }

    /// Only after the checkpoint that needs them no more: partial forms of tiles that are full now.
    private func removePartials(from before: UInt64, to size: UInt64) throws -> Int {
        var removed = 0
        for level in 0..<TreeSnapshot.levelCount(at: before) {
            let old = TreeSnapshot.tiles(atLevel: level, size: before)
            guard old.partialWidth > 0, old.full < TreeSnapshot.tiles(atLevel: level, size: size).full else { continue }
            var tiles = [TilePath.tile(level: level, index: old.full)]
            if level == 0 { tiles.append(TilePath.bundle(index: old.full)) }
            for tile in tiles {
                let partials = path(TilePath.partials(of: tile))
                removed += (try? FileManager.default.contentsOfDirectory(atPath: partials).count) ?? 0
                try? FileManager.default.removeItem(atPath: partials)
            }
        }
        return removed
    }

    private func path(_ relative: String) -> String { "\(directory)/\(relative)" }
}

/// Writes files of a tree that are not there yet, and remembers what has to be synced.
private struct TreeWriter {
    let directory: String
    private(set) var written = 0
    private var unsynced: Set<String> = []

    init(directory: String) {
        self.directory = directory
    }

    /// A file that stands already must be what it would be: it is never written again.
    mutating func write(_ relative: String, _ bytes: [UInt8]) throws(PublishError) {
        let path = "\(directory)/\(relative)"
        if let there = try PublicFile.contents(path) {
            guard there == bytes else {
                throw .foreign("\(path) is not what this trail has there: it is of another tree, or was damaged")
            }
            return
        }
        let parent = (path as NSString).deletingLastPathComponent
        try PublicFile.makeDirectory(parent)
        try PublicFile.write(bytes, to: path)
        written += 1
        // The directories above may be new as well.
        var above = parent
        while above.count >= directory.count, unsynced.insert(above).inserted { above = (above as NSString).deletingLastPathComponent }
    }

    mutating func replace(_ relative: String, _ bytes: [UInt8]) throws(PublishError) {
        try PublicFile.write(bytes, to: "\(directory)/\(relative)")
        try PublicFile.sync(directory: directory)
        written += 1
    }

    mutating func syncDirectories() throws(PublishError) {
        for path in unsynced { try PublicFile.sync(directory: path) }
        unsynced = []
    }
}
