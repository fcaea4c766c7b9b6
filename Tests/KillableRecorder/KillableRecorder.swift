import Glibc
import VestigeLocal

/// Records looks without end, sixteen at a time, for the tests that kill it. It prints `ready`, then a line `id seq` for each receipt, as
/// soon as it has it.
@main
struct KillableRecorder {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { throw RecordingError.unavailable("give the data directory") }
        let vestige = try await Vestige.open(CommandLine.arguments[1])
        say("ready")
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<16 { group.addTask { await record(with: vestige.recorder, worker) } }
        }
    }

    private static func record(with recorder: Recorder, _ worker: Int) async {
        let actor = AuditActor(.user, id: "\(worker)", name: "Ana Lima")
        while true {
            // Now and then somebody new, so that keys are minted as well.
            let person = Int.random(in: 0..<50) == 0 ? "n\(UInt64.random(in: 0 ... .max))" : "p\(Int.random(in: 0..<40))"
            let look = Entry(
                event: "read", actor: actor, record: RecordReference(type: "user", id: person), fields: ["email"], purpose: "support",
                page: "/people/\(person)")
            guard let receipt = try? await recorder.record(look) else {
                try? await Task.sleep(for: .milliseconds(100))
                continue
            }
            say("\(receipt.id) \(receipt.seq)")
        }
    }

    /// One call for each line: a kill falls between lines, not into one.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }
}
