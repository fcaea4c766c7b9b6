import VestigeInquiry
import VestigeTrail

/// Counts what goes into a pack while it goes.
struct EvidenceTally {
    private(set) var entryCount = 0
    private var bodilessCount = 0
    private var sealedCount = 0
    private var byChannel: [String: Int] = [:]
    private var byAction: [String: Int] = [:]
    private var byPurpose: [String: Int] = [:]
    private var byStatus: [String: Int] = [:]
    private var lines: [String] = []

    mutating func add(_ entry: OpenedEntry) {
        entryCount += 1
        guard let header = entry.header else {
            bodilessCount += 1
            return
        }
        if entry.actor?.isErased == true || entry.subjects.contains(where: \.isErased) || entry.isUnreadable { sealedCount += 1 }
        byChannel[header.channel, default: 0] += 1
        byAction[header.action, default: 0] += 1
        byPurpose[header.purpose ?? "(none)", default: 0] += 1
        byStatus[header.status.rawValue, default: 0] += 1
        if lines.count < EvidenceSummary.listedCountMax { lines.append(Self.line(entry, header)) }
    }

    func tell(_ summary: inout EvidenceSummary) {
        summary.entryCount = entryCount
        summary.bodilessCount = bodilessCount
        summary.sealedCount = sealedCount
        summary.byChannel = byChannel
        summary.byAction = byAction
        summary.byPurpose = byPurpose
        summary.byStatus = byStatus
        summary.lines = lines
    }

    private static func line(_ entry: OpenedEntry, _ header: Header) -> String {
        let actor = entry.actor.map { actor in
            if actor.isErased { return "\(actor.type) (erased)" }
            let id = [actor.type, actor.id].compactMap { $0 }.joined(separator: "/")
            return actor.name.map { "\($0) (\(id))" } ?? (actor.isSelf ? "the person themselves" : id)
        }
        let time = header.occurredAt.description.prefix(19).replacing("T", with: " ")
        let purpose = header.purpose.map { ", for \($0)" } ?? ""
        return "\(entry.seq)  \(time)  \(header.action), \(header.status.rawValue), by \(actor ?? "system")\(purpose)"
    }
}
