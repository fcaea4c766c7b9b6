import Foundation
import VestigeCrypto
import VestigeSQLite
public import VestigeTrail

/// A trail that the present one goes on from, after a recovery. It takes nothing more; it is asked, verified and replayed as before.
public struct OlderTrail: Sendable {
    public let trail: Trail
    let succession: Succession
    let store: SQLiteTrailStore

    /// The first trail of all is 1.
    public var number: Int { succession.number }
    /// In the data directory.
    public var fileName: String { succession.fileName }
    /// Entries that are left of it.
    public var size: UInt64 { succession.size }
    /// Places of the entries that were lost, as far as the vault had seen them.
    public var missing: Range<UInt64> { succession.missing }

    /// The trails that `trail` goes on from, the newest first.
    ///
    /// - Throws: ``LocalError/missingOlderTrail(_:)``, ``LocalError/otherOlderTrail(_:)``, `TrailError`.
    static func all(beneath trail: Trail, in place: Place) async throws -> [OlderTrail] {
        var found: [OlderTrail] = []
        do {
            while let succession = try await Succession.read(from: found.last?.trail ?? trail) {
                found.append(try await open(succession, in: place))
            }
        } catch {
            for older in found { try? older.trail.close() }
            throw error
        }
        return found
    }

    private static func open(_ succession: Succession, in place: Place) async throws -> OlderTrail {
        let name = succession.fileName
        guard FileManager.default.fileExists(atPath: place.data + "/" + name) else { throw LocalError.missingOlderTrail(name) }
        let store = try SQLiteTrailStore.openReadOnly(name, in: place.data)
        guard store.identity.id.hex == succession.trail else { throw LocalError.otherOlderTrail(name) }
        let trail = try Trail.openReadOnly(store: store, key: try VerifierKey(succession.key))
        let checkpoint = try await trail.checkpoint()
        guard checkpoint.size == succession.size, checkpoint.root.base64 == succession.root else { throw LocalError.otherOlderTrail(name) }
        return OlderTrail(trail: trail, succession: succession, store: store)
    }

    /// Checks all of it, as ``Trail/verify(against:)``; what is found names the file, since its places are not the present trail's.
    ///
    /// - Parameter others: checkpoints of this very trail that somebody else kept.
    /// - Returns: also the sizes of those that it leads to.
    func examined(against others: [String]) async throws -> (findings: [TrailFinding], consistent: [UInt64]) {
        let report = try await trail.verify(against: others)
        let strange = report.checkpoint == nil ? [] : try await trail.cosignatureFindings { try await LocalVestige.witnessKeys(of: trail) }
        var findings = (report.findings + strange).map { finding in
            guard finding.kind == .size, !missing.isEmpty else {
                return TrailFinding(finding.kind, seq: nil, "\(fileName)\(finding.seq.map { ", entry \($0)" } ?? ""): \(finding.message)")
            }
            return TrailFinding(
                .size, seq: nil,
                "\(fileName) has \(size) entries, a checkpoint kept elsewhere says more; its recovery declared entries "
                    + "\(missing.lowerBound) to \(missing.upperBound - 1) as lost")
        }
        if report.head.size != succession.size || report.head.root.base64 != succession.root {
            findings.append(TrailFinding(.checkpoint, seq: nil, "\(fileName) is not the trail that this one goes on from"))
        }
        return (findings, report.consistent)
    }
}
