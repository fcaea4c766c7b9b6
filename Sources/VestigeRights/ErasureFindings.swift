import VestigeCrypto
import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// Holds the trail's erasures against the vault: a person who still opens is a finding.
public struct ErasureFindings: Sendable {
    private let vault: Vault
    private let trail: Trail

    public init(vault: Vault, trail: Trail) {
        self.vault = vault
        self.trail = trail
    }

    public func find() async throws -> [TrailFinding] {
        var findings: [TrailFinding] = []
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.channels = [Code.complianceChannel]
        query.actions = ["erasure.completed"]
        while true {
            let page = try await trail.page(query)
            for entry in page {
                guard let body = entry.body, let header = try? Header(decoding: body.header) else { continue }
                for pseudonym in header.subjects where !(await isGone(pseudonym)) {
                    findings.append(
                        TrailFinding(
                            .erasure, seq: entry.seq, "the trail says that these keys were destroyed; the vault still has one of them"))
                }
            }
            guard page.count == query.limit, let last = page.last else { return findings }
            query.before = last.seq
        }
    }

    /// A row that cannot be read is not known to be gone.
    private func isGone(_ pseudonym: Bytes16) async -> Bool {
        do {
            return try await vault.resolve(pseudonym) == nil
        } catch {
            return false
        }
    }
}
