import Foundation
import VestigeTrail

/// How much of a trail a verification looks at.
public enum VerificationScope: Sendable {
    case everything
    /// What came since everything was last found intact by a verification of this data directory, as the desk remembers it. What was
    /// changed below is not seen, nor are the index by term and stray rows looked at: it is for checks between the full ones.
    case sinceLast
}

extension VerificationPlan {
    static func onAllCores(
        against others: [String] = [], progress: (@Sendable (VerificationProgress) -> Void)? = nil
    ) -> VerificationPlan {
        VerificationPlan(others: others, threads: ProcessInfo.processInfo.activeProcessorCount, progress: progress)
    }
}
