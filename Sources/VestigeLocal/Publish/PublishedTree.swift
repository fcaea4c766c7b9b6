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
    /// Of those: files that had been published before and were missing, or were not what the trail has there.
    public let mended: Int
    /// Partial tiles that went because their tile is full now.
    public let removed: Int
    /// The directory holds more than was to be published by now, and of this very trail: no witness has cosigned a newer checkpoint yet.
    public let isAhead: Bool
}

/// A directory that holds a trail's tree as static files (C2SP tlog-tiles): checkpoint, tiles, and bundles of leaves. No body and nothing
/// sealed is in it.
///
/// A file is never changed once it has its name, but for the checkpoint, which is written when everything under it is durable. So it can be
/// served while this runs, and a run that is cut short is gone on with. What was damaged since is written again.
struct PublishedTree {
    let directory: String
    /// Whether the bytes of every file are looked at; else its size is, but for what is new.
    var isChecking = false
    let progress: (@Sendable (_ done: UInt64, _ of: UInt64) -> Void)?

    /// Brings the directory to `checkpoint`.
    ///
    /// - Parameters:
    ///   - checkpoint: with all signatures it has by now; not above the tree's own.
    ///   - newest: the trail's newest tree, which what stands there is held against.
    ///   - verified: reads a note that a key of this trail signed.
    /// - Throws: ``PublishError``, ``TrailError``
    func publish(_ checkpoint: Checkpoint, of newest: TreeSnapshot, verified: (String) throws -> Checkpoint) throws -> Publication {
        let files = try PublishedDirectory(directory)
        guard files.lock() else { throw PublishError.busy(directory) }
        let published = try found(newest, in: files, verified)
        let isAhead = published.map { $0.size > checkpoint.size } ?? false
        let goal = if let published, isAhead { published } else { checkpoint }
        let tree = try newest.at(goal)
        let before = published?.size ?? 0
        var writer = TreeWriter(files: files, isOurs: published != nil, isChecking: isChecking)
        try write(tree, from: before, by: &writer)
        try files.sync()
        var written = writer.written
        if published?.note != goal.note {
            try files.write(Array(goal.note.utf8), to: TilePath.checkpoint)
            try files.sync()
            written += 1
        }
        let removed = try removePartials(from: before, to: goal.size, in: files)
        return Publication(
            size: goal.size, before: before, root: goal.root, written: written, mended: writer.mended, removed: removed, isAhead: isAhead)
    }

    /// The checkpoint that stands there, held against the trail; `nil` in a directory that holds none.
    private func found(
        _ tree: TreeSnapshot, in files: PublishedDirectory, _ verified: (String) throws -> Checkpoint
    ) throws -> Checkpoint? {
        guard let bytes = try files.contents(TilePath.checkpoint) else {
            try checkUnfinished(tree, in: files)
            return nil
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

    /// A first run that was cut short leaves tiles and no checkpoint. Every one must be ours: two trees are never mixed.
    private func checkUnfinished(_ tree: TreeSnapshot, in files: PublishedDirectory) throws {
        let names = try files.names(in: "")
        if let strange = names.first(where: { $0 != TilePath.top && $0 != TilePath.checkpoint + Self.new && !$0.hasPrefix(".") }) {
            throw PublishError.foreign("\(directory) is no published tree: it holds \(strange) and no checkpoint")
        }
        for file in try files.files(below: TilePath.top) {
            // Half of one: it never had its name.
            if file.hasSuffix(Self.new), Self.place(of: String(file.dropLast(Self.new.count))) != nil { continue }
            guard let ours = try bytes(of: file, in: tree), try files.contents(file) == ours else {
                throw PublishError.foreign(
                    "\(directory) holds no checkpoint, and \(file) is not what this trail has there: it is of another tree, or was damaged")
            }
        }
    }

    /// Ends the name of a file that is being written.
    private static let new = ".new"

    /// What a file of that name holds; `nil` where the tree has none.
    private func bytes(of file: String, in tree: TreeSnapshot) throws -> [UInt8]? {
        guard let (level, place) = Self.place(of: file) else { return nil }
        guard let level else { return try tree.bundle(index: place.index, width: place.width) }
        return try tree.bytes(level: level, index: place.index, width: place.width)
    }

    /// - Returns: the level; `nil` for a bundle.
    private static func place(of file: String) -> (level: Int?, place: TilePlace)? {
        let elements = file.split(separator: "/").map(String.init)
        guard elements.count > 2, elements[0] == TilePath.top, let place = TilePlace(Array(elements[2...])) else { return nil }
        if elements[1] == "entries" { return (nil, place) }
        guard let level = Int(elements[1]), String(level) == elements[1] else { return nil }
        return (level, place)
    }

    /// - Parameter before: the size that was published before.
    private func write(_ tree: TreeSnapshot, from before: UInt64, by writer: inout TreeWriter) throws {
        let size = tree.checkpoint.size
        for level in 0..<TreeSnapshot.levelCount(at: size) {
            let (full, width) = TreeSnapshot.tiles(atLevel: level, size: size)
            let old = TreeSnapshot.tiles(atLevel: level, size: before)
            let count = full + (width > 0 ? 1 : 0)
            for index in 0..<count {
                let width = index < full ? Tile.width : width
                let wasPublished = index < old.full || (index == old.full && width == old.partialWidth)
                if level == 0 {
                    try writer.write(
                        TilePath.bundle(index: index, width: width), byteCount: TreeSnapshot.bundleByteCount(width: width), wasPublished
                    ) { try tree.bundle(index: index, width: width) }
                    progress?(index, count)
                }
                try writer.write(
                    TilePath.tile(level: level, index: index, width: width), byteCount: width * Bytes32.byteCount, wasPublished
                ) { try tree.bytes(level: level, index: index, width: width) }
            }
        }
    }

    /// Only after the checkpoint that needs them no more: partial forms of tiles that are full now.
    private func removePartials(from before: UInt64, to size: UInt64, in files: PublishedDirectory) throws -> Int {
        var removed = 0
        for level in 0..<TreeSnapshot.levelCount(at: before) {
            let old = TreeSnapshot.tiles(atLevel: level, size: before)
            guard old.partialWidth > 0, old.full < TreeSnapshot.tiles(atLevel: level, size: size).full else { continue }
            var tiles = [TilePath.tile(level: level, index: old.full)]
            if level == 0 { tiles.append(TilePath.bundle(index: old.full)) }
            for tile in tiles { removed += try files.remove(TilePath.partials(of: tile)) }
        }
        return removed
    }
}

/// Writes files of a tree that are not there yet, or not as they should be.
private struct TreeWriter {
    let files: PublishedDirectory
    /// Whether a checkpoint of this trail stands there: what stands beside it is then ours to mend.
    let isOurs: Bool
    let isChecking: Bool
    private(set) var written = 0
    private(set) var mended = 0

    init(files: PublishedDirectory, isOurs: Bool, isChecking: Bool) {
        self.files = files
        self.isOurs = isOurs
        self.isChecking = isChecking
    }

    /// - Parameter bytes: `nil` where the tree has no such file.
    mutating func write(_ file: String, byteCount: Int, _ wasPublished: Bool, bytes: () throws -> [UInt8]?) throws {
        let there = try files.byteCount(of: file)
        if wasPublished, !isChecking, there == byteCount { return }
        guard let bytes = try bytes() else { throw TrailError.inconsistent("the tree ends below \(file)") }
        if there != nil {
            if there == byteCount, try files.contents(file) == bytes { return }
            guard isOurs else {
                throw PublishError.foreign("\(files.path)/\(file) is not what this trail has there: it is of another tree, or was damaged")
            }
        }
        try files.write(bytes, to: file)
        written += 1
        if wasPublished || there != nil { mended += 1 }
    }
}
