import VestigeCore
import VestigeTrail

/// What becomes of one line of stdin.
enum RecordedLine: Sendable {
    case recorded(Receipt)
    case failed(String)

    func text(line: Int) -> [UInt8] {
        var json = JSONWriter(capacity: 128)
        json.object { json in
            switch self {
            case .recorded(let receipt):
                json.member("id", receipt.id.description)
                json.number("seq", Int(receipt.seq))
                json.member("status", "recorded")
            case .failed(let error):
                json.number("line", line)
                json.member("error", error)
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
