import Glibc
public import VestigeCrypto

/// One file of a pack while it is written: private, hashed as it grows, durable at its end.
struct EvidenceFile: ~Copyable {
    let name: String
    private let descriptor: Int32
    private var hasher = SHA256Hasher()
    private var byteCount = 0
    private var buffer: [UInt8] = []
    private static let bufferByteCount = 1 << 16

    /// - Throws: ``EvidenceError/unwritable(name:errno:)``
    init(_ name: String, in folder: String) throws(EvidenceError) {
        self.name = name
        descriptor = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unwritable(name: name, errno: errno) }
    }

    deinit { close(descriptor) }

    mutating func write(_ bytes: [UInt8]) throws(EvidenceError) {
        hasher.update(bytes)
        byteCount += bytes.count
        buffer += bytes
        if buffer.count >= Self.bufferByteCount { try flush() }
    }

    private mutating func flush() throws(EvidenceError) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw .unwritable(name: name, errno: errno)
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Nothing may be written afterwards.
    mutating func finish() throws(EvidenceError) -> EvidencePart {
        try flush()
        guard fsync(descriptor) == 0 else { throw .unwritable(name: name, errno: errno) }
        return EvidencePart(name: name, byteCount: byteCount, sha256: hasher.finish())
    }
}

/// A file of a pack, as the manifest names it.
public struct EvidencePart: Sendable, Equatable {
    public let name: String
    public let byteCount: Int
    public let sha256: Bytes32
}

extension EvidencePart {
    /// A file that somebody else wrote into the folder.
    init(reading name: String, in folder: String) throws(EvidenceError) {
        let descriptor = open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .unwritable(name: name, errno: errno) }
        defer { close(descriptor) }
        var hasher = SHA256Hasher()
        var total = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw .unwritable(name: name, errno: errno) }
            guard count > 0 else { break }
            hasher.update(buffer[..<count])
            total += count
        }
        guard fsync(descriptor) == 0 else { throw .unwritable(name: name, errno: errno) }
        self.init(name: name, byteCount: total, sha256: hasher.finish())
    }
}
