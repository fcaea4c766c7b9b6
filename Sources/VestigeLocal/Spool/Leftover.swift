import Foundation
import Glibc
import Synchronization
package import VestigeCore
package import VestigeCrypto

/// The spool of a process that is no more, held under its lock until it is dropped: nobody else drains it meanwhile.
package final class Leftover: Sendable {
    /// Of the spool, as its file is named.
    package let id: Bytes16
    /// What the trail is to have, oldest act first: its outcome, or the intent where none is known.
    package let batches: [SealedBatch]
    /// What in the file is not what was written there; no batch comes from it.
    package let damage: [SpoolError]
    /// Of the newest record; 0 in a file without any.
    package let lastSequence: UInt64
    /// The older trail that it was written down for; `nil` for the present one.
    package let older: Bytes16?

    private let path: String
    private let descriptor: Mutex<Int32?>

    init(_ path: String, id: Bytes16, descriptor: Int32, key: SpoolKey, older: [OlderSpool]) throws(SpoolError) {
        self.path = path
        self.id = id
        self.descriptor = Mutex(descriptor)
        let contents: [UInt8]
        do {
            contents = try LockedFile.contents(descriptor)
        } catch {
            // A half-made instance has no deinit that would.
            LockedFile.release(descriptor)
            throw error
        }
        var reader = SpoolReader(contents, spool: id, key: key)
        var trail: Bytes16?
        for older in older where reader.lastSequence == 0 && !reader.damage.isEmpty {
            let other = SpoolReader(contents, spool: id, key: older.key)
            guard other.lastSequence > 0 else { continue }
            (reader, trail) = (other, older.trail)
        }
        self.older = trail
        batches = reader.live.batches
        damage = reader.damage
        lastSequence = reader.lastSequence
    }

    /// Its entries stand in the trail: the file goes.
    package func remove() {
        end { unlink(path) }
    }

    /// The same for a damaged file: it stays for whoever looks into it, as `<id>.damaged`, and is not read again.
    package func setAside() {
        end { rename(path, path.dropLast(".spool".count) + ".damaged") }
    }

    /// Leaves the file as it is to the next opener.
    package func release() {
        end {}
    }

    private func end(_ body: () -> Void) {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            body()
            LockedFile.release(open)
            descriptor = nil
        }
    }

    deinit {
        release()
    }
}

extension FileSpool {
    /// The spools of dead processes in a data directory, each with its lock. Those of living ones, this one's among them, are left alone,
    /// and so is whatever is no spool.
    ///
    /// - Throws: ``SpoolError/storage(_:)`` if a file is there and cannot be read.
    package static func leftovers(in data: String, key: SpoolKey, older: [OlderSpool] = []) throws -> [Leftover] {
        let directory = data + "/spool"
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw SpoolError.storage("the spool directory cannot be read; see that it may be")
        }
        var leftovers: [Leftover] = []
        for name in names.sorted() {
            let path = "\(directory)/\(name)"
            if name.hasSuffix(".spool"), let id = Bytes16(hex: name.dropLast(6)), let descriptor = try LockedFile.take(path) {
                leftovers.append(try Leftover(path, id: id, descriptor: descriptor, key: key, older: older))
            } else if name.hasSuffix(".new"), Bytes16(hex: name.dropLast(4)) != nil, let descriptor = try LockedFile.take(path) {
                // Its process died before it was given its name: nobody was told of anything in it.
                unlink(path)
                LockedFile.release(descriptor)
            }
        }
        return leftovers
    }

    /// How many acts wait in all spools of a data directory, whoever holds them.
    static func waiting(in data: String, key: SpoolKey) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: data + "/spool")) ?? []
        return names.reduce(0) { count, name in
            guard name.hasSuffix(".spool"), let id = Bytes16(hex: name.dropLast(6)),
                let contents = FileManager.default.contents(atPath: "\(data)/spool/\(name)")
            else { return count }
            return count + SpoolReader([UInt8](contents), spool: id, key: key).live.batches.count
        }
    }
}
