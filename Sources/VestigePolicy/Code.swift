/// The words a policy may declare: `[A-Za-z0-9][A-Za-z0-9._:-]{0,63}`.
///
/// Every string in an entry's header is such a code, a time, a number or a random handle, so that nothing that names a
/// person can stand there.
public enum Code {
    public static let byteCountMax = 64

    /// A record type is part of its default actions (`pii.credential_changed.<type>`), which are codes themselves.
    public static let recordTypeByteCountMax = 40

    /// The channel that only Vestige writes. Every policy has it without declaring it.
    public static let complianceChannel = "compliance"

    /// The channel in which a default action is named `pii.<event>.<type>`.
    public static let personalReadChannel = "pii-read"

    /// What comes before the first dot of the actions that only Vestige writes.
    public static let builtInActionPrefixes = ["erasure", "retention", "policy", "key", "trail", "clock", "spool", "audit"]

    /// Whether `text` has the form of a code.
    public static func isWellFormed(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, bytes.count <= byteCountMax, isAlphanumeric(first) else { return false }
        return bytes.dropFirst().allSatisfy { byte in
            isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
                || byte == UInt8(ascii: "-")
        }
    }

    /// Whether only Vestige may write entries with this action. Case does not count: `Erasure.started` would be read as ours.
    public static func isBuiltIn(action: some StringProtocol) -> Bool {
        guard let dot = action.firstIndex(of: ".") else { return false }
        return builtInActionPrefixes.contains(action[..<dot].lowercased())
    }

    /// Whether only Vestige may write into this channel. Case does not count.
    public static func isBuiltIn(channel: some StringProtocol) -> Bool {
        channel.lowercased() == complianceChannel
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
