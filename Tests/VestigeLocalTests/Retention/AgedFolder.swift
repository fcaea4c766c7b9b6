import Foundation
import TestSupport
import VestigeLocal
import VestigeTrail

/// Data directories in which half of the entries are over their time.
enum AgedFolder {
    static let policy = repository.appending(path: "Tests/VestigeLocalTests/Retention/archive.yaml").path

    /// `count` looks of 400 days ago at places 1 to `count`, as many of 100 days ago, and three of the last days.
    static func make(_ count: Int) async throws -> Folder {
        let folder = try Folder()
        let made = try await Program.shell("KillablePruner make '\(folder.place.data)' '\(policy)' \(count)", in: folder.path)
        guard made.exit == 0 else { throw LocalError.unusable(made.output) }
        return folder
    }

    static func copy(_ folder: Folder) throws -> Folder {
        let copy = try Folder()
        for suffix in ["", ".keyring"] {
            try FileManager.default.copyItem(atPath: folder.place.data + suffix, toPath: copy.place.data + suffix)
        }
        return copy
    }

    /// Lines of all archives, oldest file first.
    static func archived(_ folder: Folder) throws -> [Archived] {
        let directory = folder.file("archive")
        return try FileManager.default.contentsOfDirectory(atPath: directory).sorted().flatMap { name in
            try String(contentsOfFile: directory + "/" + name, encoding: .utf8).split(separator: "\n").map {
                try JSONDecoder().decode(Archived.self, from: Data($0.utf8))
            }
        }
    }
}

/// A line of an archive, read as a stranger would.
struct Archived: Decodable {
    let v: Int
    let plan: String
    let seq: UInt64
    let leaf: Data
    let header: Data
    let saltHeader: Data
    let payload: Data
    let saltPayload: Data

    enum CodingKeys: String, CodingKey {
        case v, plan, seq, leaf, header, payload
        case saltHeader = "salt_header"
        case saltPayload = "salt_payload"
    }

    /// With the entry's proof from the trail it is what `vestige prove --json` printed before.
    func proof(_ text: String) -> EntryProof {
        EntryProof(
            seq: seq, leaf: [UInt8](leaf), header: [UInt8](header), headerSalt: [UInt8](saltHeader), payload: [UInt8](payload),
            payloadSalt: [UInt8](saltPayload), text: text)
    }
}
