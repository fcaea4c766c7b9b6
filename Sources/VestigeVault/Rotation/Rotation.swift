/// What a rotation did.
public struct Rotation: Sendable, Equatable {
    /// The KEK under which everything stands now.
    public let kek: UInt32
    /// Rows that this call rewrapped.
    public let rewrapped: Int
    /// True if it went on with a rotation that had been cut short.
    public let resumed: Bool
    /// Old KEKs that were destroyed, ascending.
    public let destroyed: [UInt32]
    /// Old KEKs that are the operator's to remove, ascending: until they are gone, old backups of the vault can be opened.
    public let remaining: [UInt32]
}

/// How far a rotation has come.
public struct RotationProgress: Sendable, Equatable {
    /// The KEK under which everything is going to stand.
    public let kek: UInt32
    /// Rows rewrapped so far by this call.
    public let rewrapped: Int
    /// Of all rows, the share that was looked at: 0 to 1, by the first bytes of their names, which are spread evenly.
    public let share: Double
}

/// Which KEKs a vault and its keyring have.
public struct KeyStatus: Sendable, Equatable {
    /// New rows are wrapped under this one.
    public let current: UInt32
    /// No row is wrapped under an older one.
    public let least: UInt32
    /// Rows still wrapped under an older KEK than the current one.
    public let rowsLeft: Int
    /// Ids of the KEKs in the keyring, ascending; `nil` if it cannot tell.
    public let keyring: [UInt32]?
    /// True while a rotation was begun and not finished: rotating goes on with it.
    public let isRotating: Bool

    public init(current: UInt32, least: UInt32, rowsLeft: Int, keyring: [UInt32]?, isRotating: Bool) {
        self.current = current
        self.least = least
        self.rowsLeft = rowsLeft
        self.keyring = keyring
        self.isRotating = isRotating
    }
}
