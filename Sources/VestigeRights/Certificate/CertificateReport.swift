public import VestigeTrail

/// The verdict on a certificate's file.
public struct CertificateReport: Sendable {
    public enum Verdict: String, Sendable { case intact, broken }

    /// What does not hold, and where.
    public struct Finding: Sendable, Equatable {
        public enum Kind: String, Sendable, CaseIterable {
            /// The file is no certificate, or says beside body and entry something else than they do.
            case file
            /// Not signed by the key, or of another trail.
            case checkpoint
            /// The leaf does not lead to the checkpoint.
            case proof
            case leaf, header, payload
            /// It is not the completion of this erasure.
            case entry
            /// The body is not the one that the entry holds the hash of.
            case body
            /// What the body says does not fit the entry.
            case facts
        }

        public let kind: Kind
        public let message: String
    }

    /// As far as the file could be read; to be believed only where the verdict is intact.
    public let certificate: Certificate?
    /// Signed by the key.
    public let checkpoint: Checkpoint?
    public let findings: [Finding]

    public var verdict: Verdict { findings.isEmpty && certificate != nil && checkpoint != nil ? .intact : .broken }
}
