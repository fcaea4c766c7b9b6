public import VestigeCrypto
public import VestigeVault

/// A keyring whose calls end at an ``Interruption``.
public struct InterruptedKeyring: RotatingKeyring {
    private let keyring: any RotatingKeyring
    private let interruption: Interruption

    public init(_ keyring: any RotatingKeyring, by interruption: Interruption) {
        self.keyring = keyring
        self.interruption = interruption
    }

    public func currentKEK() throws(VaultError) -> UInt32 {
        try interruption.passingNow { () throws(VaultError) in try keyring.currentKEK() }
    }

    public func kek(_ id: UInt32) throws(VaultError) -> SecretKey {
        try interruption.passingNow { () throws(VaultError) in try keyring.kek(id) }
    }

    public func signingKey() throws(VaultError) -> SigningKey { try keyring.signingKey() }

    public func origin() throws(VaultError) -> String { try keyring.origin() }

    public var destroysKEKs: Bool { keyring.destroysKEKs }

    public func kekIDs() throws(VaultError) -> [UInt32] {
        try interruption.passingNow { () throws(VaultError) in try keyring.kekIDs() }
    }

    public func newKEK(after current: UInt32) throws(VaultError) -> UInt32 {
        try interruption.passingNow { () throws(VaultError) in try keyring.newKEK(after: current) }
    }

    public func destroyKEK(_ id: UInt32) throws(VaultError) {
        try interruption.passingNow { () throws(VaultError) in try keyring.destroyKEK(id) }
    }
}
