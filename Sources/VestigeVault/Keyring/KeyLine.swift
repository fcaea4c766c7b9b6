import VestigeCrypto

/// The one-line formats of a keyring: `vestige-kek-v1 <id> <base64>` and `vestige-signing-v1 <origin> <base64 seed>`.
///
/// They are parsed where they were read: the secret goes straight from the buffer, which is wiped, into guarded memory.
struct KeyLine: ~Copyable {
    static let kekTag = "vestige-kek-v1"
    static let signingTag = "vestige-signing-v1"
    static let kekForm = "vestige-kek-v1 <id> <base64 of 32 bytes>"
    static let signingForm = "vestige-signing-v1 <origin> <base64 of 32 bytes>"

    /// The second word: an id or an origin.
    let name: String
    let secret: SecretKey

    /// `nil` unless `line` (without its newline) is three words: `tag`, a name, base64 of 32 bytes.
    init?(_ line: UnsafeRawBufferPointer, tag: String) {
        let words = line.split(separator: 32, omittingEmptySubsequences: false)
        guard words.count == 3, words[0].elementsEqual(tag.utf8), !words[1].isEmpty else { return nil }
        guard let secret = try? SecretKey(base64: UnsafeRawBufferPointer(rebasing: words[2])) else { return nil }
        self.name = String(decoding: words[1], as: UTF8.self)
        self.secret = secret
    }

    consuming func take() -> SecretKey { secret }

    /// The id in a KEK line, decimal.
    var number: UInt32? {
        guard !name.isEmpty, name.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt32(name)
    }

    /// Lends the whole line with its newline in a buffer that is wiped afterwards.
    static func compose<R>(tag: String, name: String, secret: borrowing SecretKey, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows
        -> R
    {
        try secret.withBase64 { base64 in
            let head = [UInt8]("\(tag) \(name) ".utf8)
            return try withUnsafeTemporaryAllocation(byteCount: head.count + base64.count + 1, alignment: 1) { line in
                defer { Memory.wipe(line) }
                line.copyBytes(from: head)
                UnsafeMutableRawBufferPointer(rebasing: line[head.count...]).copyBytes(from: base64)
                line[line.count - 1] = 10
                return try body(UnsafeRawBufferPointer(line))
            }
        }
    }
}
