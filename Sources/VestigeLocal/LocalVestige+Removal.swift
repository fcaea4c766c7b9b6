import Foundation
import VestigeRights
import VestigeTrail
import VestigeVault

extension LocalVestige {
    /// Destroys a data directory for good: the keys first, then everything else. Closes it.
    ///
    /// - Returns: the last checkpoint, all that is left of the trail.
    /// - Throws: ``LocalError/unusable(_:)`` while a legal hold stands or another process has it open; nothing was destroyed then.
    package func remove() async throws -> String {
        let holds = try await rights.holds().count
        guard holds == 0 else {
            throw LocalError.unusable(
                "legal holds stand here: \(holds); nothing was destroyed. Release them first (`vestige hold release`)")
        }
        let others = board.otherProcesses
        guard others.isEmpty else {
            let pids = others.map(String.init).joined(separator: ", ")
            throw LocalError.unusable("processes have this directory open: \(pids); nothing was destroyed. Stop them first")
        }
        let checkpoint = try await trail.checkpoint().note
        try await close()
        try place.beginRemoval()
        try place.finishRemoval()
        return checkpoint
    }
}

extension Place {
    private var leftover: String { data + ".removing" }

    /// Whether a removal was cut short here.
    package var isHalfRemoved: Bool { DurableFile.exists(leftover) }

    /// From here on it is no data directory any more: nobody opens what is half destroyed, wherever a removal is cut short.
    func beginRemoval() throws(LocalError) { try DurableFile.move(data, to: leftover) }

    /// Destroys what a removal has begun with: keys, then files.
    package func finishRemoval() throws {
        // Where a new directory has been made meanwhile, the keyring is that one's, and the old one is gone.
        if !DurableFile.exists(data), DurableFile.exists(keyring) { try FileKeyring.remove(directory: keyring) }
        try FileManager.default.removeItem(atPath: leftover)
    }
}
