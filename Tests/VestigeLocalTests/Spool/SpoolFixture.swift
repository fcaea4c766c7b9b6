import Foundation
import VestigeCore
import VestigeCrypto
import VestigeTesting
import VestigeTrail

@testable import VestigeLocal

/// A data directory for one spool test, with what is needed to look into its files; gone afterwards.
final class SpoolFixture: Sendable {
    let data: String
    let key: SpoolKey

    init(key: SpoolKey? = nil) throws {
        try Sodium.start()
        self.key = try key ?? SpoolKey(signingKey: .generate(), trail: .random())
        data = FileManager.default.temporaryDirectory.appending(path: "vestige-spool-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: data + "/spool", withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: data)
    }

    func spool(_ limits: FileSpool.Limits = FileSpool.Limits()) -> FileSpool {
        FileSpool(in: data, key: key, limits: limits)
    }

    func leftovers() throws -> [Leftover] { try FileSpool.leftovers(in: data, key: key) }

    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: data + "/spool")) ?? []).sorted() }

    func path(_ id: Bytes16) -> String { "\(data)/spool/\(id.hex).spool" }

    func bytes(_ id: Bytes16) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(id)))) }

    func write(_ bytes: [UInt8], as id: Bytes16) throws { try Data(bytes).write(to: URL(filePath: path(id))) }

    /// What a spool file of these bytes gives when its process is dead.
    func reading(_ bytes: [UInt8], as id: Bytes16) throws -> (batches: [[UInt8]], damage: [SpoolError], lastSequence: UInt64) {
        try write(bytes, as: id)
        let found = try leftovers()
        guard let leftover = found.first, found.count == 1 else { throw CocoaError(.fileNoSuchFile) }
        leftover.release()
        return (leftover.batches.map { $0.encoded() }, leftover.damage, leftover.lastSequence)
    }

    /// The file of a process that died with `batches` as intents, and where each record begins; the last place is the end.
    func abandoned(_ batches: [SealedBatch]) async throws -> (id: Bytes16, bytes: [UInt8], places: [Int]) {
        let spool = spool()
        var places = [SpoolRecord.fileHeadByteCount]
        for batch in batches {
            _ = try await spool.intend(batch)
            places.append(try bytes(spool.id).count)
        }
        // Dropped without a close, as by a crash. The thread must have let go of it.
        spool.thread.sync {}
        return (spool.id, try bytes(spool.id), places)
    }
}
