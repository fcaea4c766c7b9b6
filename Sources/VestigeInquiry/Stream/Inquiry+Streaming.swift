import VestigeCore
import VestigePolicy
import VestigeTrail

extension Inquiry {
    /// Records that entries begin to leave for a sink of the policy. Needs the right `export`.
    package func recordStreaming(to sink: String, from seq: UInt64, by asker: Asker) async throws {
        try asker.check(.export, by: policy)
        guard let rule = policy.sinks[sink] else { return }
        _ = try await answering {
            var details: [String: HeaderDetail] = ["sink": .code(sink), "from": .integer(Int64(clamping: seq))]
            details["format"] = .code(rule.format.rawValue)
            if rule.actor != nil { details["opened_actors"] = .boolean(true) }
            try await note("streaming", event: "exported", by: asker, details: details)
        }
    }
}
