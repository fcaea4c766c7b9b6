public import VestigeCrypto
public import VestigeVault

/// A keyring whose calls end at an ``Interruption``.
public struct InterruptedKeyring: RotatingKeyring {
    private let keyring: any RotatingKeyring
    private let post: any CallPost

    public init(_ keyring: any RotatingKeyring, by interruption: Interruption) { self.init(keyring, past: interruption) }

    package init(_ keyring: any RotatingKeyring, past post: any CallPost) {
        self.keyring = keyring
        self.post = post
    }

    public func currentKEK() throws(VaultError) -> UInt32 {
        try passing { () throws(VaultError) in try keyring.currentKEK() }
    }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        try passing { () throws(VaultError) in try keyring.kek(id) }
    }

    public func signingKey() throws(VaultError) -> SigningKey { try keyring.signingKey() }

    public func origin() throws(VaultError) -> String { try keyring.origin() }

    /// Not interrupted: what is killed there is killed at the calls around it.
    public var signingFiles: FileKeyring? { keyring.signingFiles }

    public var destroysKEKs: Bool { keyring.destroysKEKs }

    public func kekIDs() throws(VaultError) -> [UInt32] {
        try passing { () throws(VaultError) in try keyring.kekIDs() }
    }

    public func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        try passing { () throws(VaultError) in try keyring.newKEK(after: current) }
    }

    public func destroyKEK(_ id: UInt32) throws(VaultError) {
        try passing { () throws(VaultError) in try keyring.destroyKEK(id) }
    }

    private func passing<Result: ~Copyable>(
        _ call: String = #function, _ body: () throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        try post.passingNow(call, body)
    }
}
