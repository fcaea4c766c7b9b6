import VestigeCrypto

/// The token as its holder has it: `vst_` and 256 random bits in hexadecimal. Secret scanners find it by its beginning.
struct TokenSecret {
    static let prefix = "vst_"

    let text: String

    static func random() -> TokenSecret { TokenSecret(text: prefix + Bytes32.random().hex) }

    private init(text: String) { self.text = text }

    /// `nil` where the text has not the form of a token.
    init?(_ text: some StringProtocol) {
        guard text.hasPrefix(TokenSecret.prefix), Bytes32(hex: text.dropFirst(TokenSecret.prefix.count)) != nil else { return nil }
        self.text = String(text)
    }

    /// Under which the desk finds it. A hash without salt or stretching is enough for 256 random bits.
    var digest: String { sha256(Array("vestige/token/v1".utf8) + [0] + Array(text.utf8)).hex }
}
