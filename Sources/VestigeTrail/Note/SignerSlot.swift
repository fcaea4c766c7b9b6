import Synchronization

/// Gives a signer whose key signed this note, if the keyring holds one by now; `nil` if it does not.
public typealias SignerRenewal = @Sendable (_ note: String) -> CheckpointSigner?

/// The key that a trail signs with, which may change while it runs: by a rotation here, or by one in another process.
final class SignerSlot: Sendable {
    private let signer: Mutex<CheckpointSigner>
    private let renewal: SignerRenewal?

    init(_ signer: CheckpointSigner, renewal: SignerRenewal? = nil) {
        self.signer = Mutex(signer)
        self.renewal = renewal
    }

    var current: CheckpointSigner { signer.withLock { $0 } }

    func replace(by next: CheckpointSigner) {
        signer.withLock { $0 = next }
    }

    /// Reads the newest checkpoint. Where another process changed the key meanwhile, the newer one is taken from the keyring.
    ///
    /// - Throws: ``TrailError/malformedNote(_:)``, ``TrailError/badSignature(name:)``
    func verified(_ note: String) throws(TrailError) -> Checkpoint {
        do throws(TrailError) {
            return try Checkpoint(verifying: note, by: current.verifierKey)
        } catch {
            guard case .badSignature = error, let newer = renewal?(note) else { throw error }
            let checkpoint = try Checkpoint(verifying: note, by: newer.verifierKey)
            replace(by: newer)
            return checkpoint
        }
    }
}

/// By which key a trail's newest checkpoint is read: one that may change, or one that was given.
enum CheckpointKeys: Sendable {
    case changing(SignerSlot)
    case fixed(VerifierKey)

    var verifierKey: VerifierKey {
        switch self {
        case .changing(let signers): signers.current.verifierKey
        case .fixed(let key): key
        }
    }

    /// - Throws: ``TrailError/malformedNote(_:)``, ``TrailError/badSignature(name:)``
    func verified(_ note: String) throws(TrailError) -> Checkpoint {
        switch self {
        case .changing(let signers): try signers.verified(note)
        case .fixed(let key): try Checkpoint(verifying: note, by: key)
        }
    }
}
