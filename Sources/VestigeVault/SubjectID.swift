/// A person as the host names them: a type and an id. Bytes as given, no case folding, no Unicode normalisation.
///
/// It prints as `subject(…)` wherever it is printed, dumped or interpolated, so a log line or an error cannot name anybody.
public struct SubjectID: Hashable, Sendable {
    public static let idByteCountMax = 512
    public static let typeByteCountMax = 64

    /// A code: `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`.
    public let type: String
    /// 1 to 512 bytes of UTF-8.
    public let id: String

    /// - Throws: ``VaultError/invalidSubjectType``, ``VaultError/invalidSubjectID(byteCount:)``.
    public init(type: String, id: String) throws(VaultError) {
        guard Self.isCode(type) else { throw .invalidSubjectType }
        guard (1...Self.idByteCountMax).contains(id.utf8.count) else { throw .invalidSubjectID(byteCount: id.utf8.count) }
        self.type = type
        self.id = id
    }

    // Swift compares strings by canonical equivalence; here "é" in two spellings is two ids, as the host gave them.
    public static func == (left: SubjectID, right: SubjectID) -> Bool {
        left.type.utf8.elementsEqual(right.type.utf8) && left.id.utf8.elementsEqual(right.id.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in type.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0))
        for byte in id.utf8 { hasher.combine(byte) }
    }

    private static func isCode(_ text: String) -> Bool {
        var first = true
        guard (1...typeByteCountMax).contains(text.utf8.count) else { return false }
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122: break
            case 45, 46, 58, 95: if first { return false }
            default: return false
            }
            first = false
        }
        return true
    }
}

extension SubjectID: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "subject(…)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
