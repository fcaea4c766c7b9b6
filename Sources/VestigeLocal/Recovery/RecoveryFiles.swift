import Foundation
import Glibc
import VestigeVault

/// Where a recovery builds what it puts into place, and how it comes to its end wherever it was cut short.
///
/// | what stands in `recovery/` | an opening | `recover` |
/// |---|---|---|
/// | no `commit.json` | takes no notice | begins anew |
/// | `commit.json` | is refused | goes on with what is left of the moves |
struct RecoveryFiles {
    /// What is to be moved; written once everything stands ready, synced.
    struct Commit: Codable {
        /// Of the trail that is succeeded.
        var number: Int
        /// Of the new signing key.
        var signing: UInt32
    }

    /// In the order in which they are taken.
    enum Move: CaseIterable {
        case olderTrail, signingKey, lostTrail, newTrail
    }

    static let olderName = "older.sqlite"
    static let trailName = "trail.sqlite"

    let place: Place

    var directory: String { place.data + "/recovery" }
    private var commitPath: String { directory + "/commit.json" }

    /// Whether files have begun to move.
    var isBegun: Bool { DurableFile.exists(commitPath) }

    /// An empty directory for what is built; what an earlier attempt left is removed.
    func begin() throws(LocalError) {
        do {
            if DurableFile.exists(directory) { try FileManager.default.removeItem(atPath: directory) }
        } catch {
            throw .recovery("\(directory) cannot be removed; nothing was changed, see that it belongs to this account")
        }
        guard mkdir(directory, 0o700) == 0 else {
            throw .recovery("\(directory) cannot be made (errno \(errno)); nothing was changed, see that the disk has room")
        }
    }

    /// From here on the recovery only goes forward.
    func commit(_ commit: Commit) throws {
        for name in [RecoveryFiles.olderName, RecoveryFiles.trailName] { try DurableFile.sync(directory + "/" + name) }
        try DurableFile.write([UInt8](try JSONEncoder().encode(commit)), to: commitPath + ".new")
        try DurableFile.move(commitPath + ".new", to: commitPath)
        try DurableFile.sync(place.data)
    }

    /// Takes the commitment back; nothing has moved yet.
    func takeBack() throws(LocalError) {
        unlink(commitPath)
        try DurableFile.sync(directory)
    }

    /// Puts everything into its place. Repeated, it goes on.
    func finish(_ keyring: FileKeyring, after: (Move) throws -> Void = { _ in }) throws {
        guard let bytes = FileManager.default.contents(atPath: commitPath), let commit = try? JSONDecoder().decode(Commit.self, from: bytes)
        else { throw LocalError.recovery("\(commitPath) cannot be read; nothing was moved, see that it belongs to this account") }
        for move in Move.allCases {
            try make(move, commit, keyring)
            try after(move)
        }
        // The sign that there is something to finish goes last.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] where name != "commit.json" {
            unlink(directory + "/" + name)
        }
        unlink(commitPath)
        rmdir(directory)
        try DurableFile.sync(place.data)
    }

    private func make(_ move: Move, _ commit: Commit, _ keyring: FileKeyring) throws {
        let older = directory + "/" + RecoveryFiles.olderName
        let new = directory + "/" + RecoveryFiles.trailName
        switch move {
        case .olderTrail:
            guard DurableFile.exists(older) else { return }
            chmod(older, 0o400)
            try DurableFile.move(older, to: "\(place.data)/trail-\(commit.number).sqlite")
        case .signingKey:
            try keyring.adoptSigningKey(commit.signing)
        case .lostTrail:
            // Kept as evidence, with what its log may hold. Once the new trail has its place, this one is out of it.
            guard DurableFile.exists(new) else { return }
            for suffix in ["", "-wal", "-shm"] where DurableFile.exists(place.data + "/trail.sqlite" + suffix) {
                try DurableFile.move(
                    place.data + "/trail.sqlite" + suffix, to: "\(place.data)/trail-\(commit.number).lost.sqlite" + suffix)
            }
        case .newTrail:
            guard DurableFile.exists(new) else { return }
            try DurableFile.move(new, to: place.data + "/trail.sqlite")
        }
    }
}
