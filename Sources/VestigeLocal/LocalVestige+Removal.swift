import Foundation
import VestigeRights
import VestigeTrail
package import VestigeVault

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
        try FileKeyring.remove(directory: place.keyring)
        try FileManager.default.removeItem(atPath: place.data)
        return checkpoint
    }
}
