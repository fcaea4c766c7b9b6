import VestigeTrail

/// What becomes of one line.
package enum RecordedLine: Sendable {
    case recorded(Receipt)
    case failed(RecordingError)

    /// The line's answer, with a newline: `{"id","seq","status":"recorded"}`, or `{"line","error"}`; `"retry":true` where the same line may be
    /// recorded later.
    package func text(line: Int) -> [UInt8] {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            switch self {
            case .recorded(let receipt):
                json.member("id", receipt.id.description)
                json.key("seq")
                json.integer(Int64(receipt.seq))
                json.member("status", "recorded")
            case .failed(let error):
                json.key("line")
                json.integer(Int64(line))
                json.member("error", "\(error)")
                if case .unavailable = error {
                    json.key("retry")
                    json.boolean(true)
                }
            }
        }
        return json.bytes + [0x0A]
    }
}

/// Lets so many lines be under way at once: enough to fill the trail's batches, few enough to bound memory.
actor RecordingWindow {
    static let standardSize = 256

    private var free: Int
    private var waiting: CheckedContinuation<Void, Never>?

    init(size: Int = RecordingWindow.standardSize) {
        free = size
    }

    /// Called by the one reader.
    func enter() async {
        if free == 0 { await withCheckedContinuation { waiting = $0 } }
        free -= 1
    }

    func leave() {
        free += 1
        waiting?.resume()
        waiting = nil
    }
}
