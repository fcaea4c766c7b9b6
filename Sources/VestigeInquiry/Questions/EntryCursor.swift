import VestigeCrypto
import VestigeTrail

/// Where a page of a list ended, for the next one: opaque text for whoever asks.
///
/// It holds how large the trail was when the list was begun, so that the pages and the total stay what they were however much is recorded
/// meanwhile, and to which question it belongs. Nothing in it names anybody, and nothing is granted by it: one that was made up shows what a
/// question without one shows.
public struct EntryCursor: Sendable, Equatable, CustomStringConvertible {
    private static let version: UInt8 = 1
    private static let questionByteCount = 8
    /// No trail is larger; a cursor that was made up must not overflow what is counted on from it.
    private static let sizeMax = UInt64(1) << 62

    /// Places from here on do not belong to the list.
    let size: UInt64
    /// The next page is below this place.
    let before: UInt64
    /// How many entries the pages before have shown.
    let shown: UInt64
    /// Which question it belongs to: the beginning of a SHA-256.
    private let question: [UInt8]

    init(size: UInt64, before: UInt64, shown: UInt64, of question: String) {
        self.size = size
        self.before = before
        self.shown = shown
        self.question = EntryCursor.digest(question)
    }

    /// Reads what ``description`` wrote.
    ///
    /// - Throws: ``InquiryError/badCursor``
    public init(_ text: String) throws(InquiryError) {
        var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        guard text.utf8.count <= 64, !text.contains("+"), !text.contains("/"), !text.contains("=") else { throw .badCursor }
        while standard.utf8.count % 4 != 0 { standard += "=" }
        guard let bytes = Base64.decode(standard) else { throw .badCursor }
        var reader = ByteReader(bytes)
        guard reader.integer(UInt8.self) == EntryCursor.version, let size = reader.integer(UInt64.self),
            let before = reader.integer(UInt64.self), let shown = reader.integer(UInt64.self), before <= size, shown <= size,
            size <= EntryCursor.sizeMax, let question = reader.take(EntryCursor.questionByteCount),
            bytes.count == 25 + EntryCursor.questionByteCount
        else { throw .badCursor }
        (self.size, self.before, self.shown) = (size, before, shown)
        self.question = Array(question)
    }

    /// URL-safe base64 without padding, 44 characters.
    public var description: String {
        var bytes = [EntryCursor.version]
        for number in [size, before, shown] { bytes.append(bigEndian: number) }
        let text = Base64.encode(bytes + question)
        return String(text.compactMap { $0 == "=" ? nil : $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
    }

    /// - Throws: ``InquiryError/badCursor`` if it is another question's.
    func check(_ question: String) throws(InquiryError) {
        guard self.question == EntryCursor.digest(question) else { throw .badCursor }
    }

    private static func digest(_ question: String) -> [UInt8] {
        Array(sha256(Array(question.utf8)).bytes[..<questionByteCount])
    }
}
