import Glibc
import Synchronization
import VestigeTesting
import VestigeVault

/// Ends this process by SIGKILL at a chosen call: nothing is cleaned up, nobody is told.
final class KillSwitch: Sendable {
    struct Plan: Sendable {
        /// A call such as `vault.rewrap`, a ``Step``, or `any`.
        let label: String
        /// Counted from 1, from ``arm()`` on.
        let nth: Int
        /// After it took effect, instead of before.
        let after: Bool
    }

    private let plan: Plan?
    private let armed = Atomic(false)
    private let count = Mutex(0)

    init(_ plan: Plan?) { self.plan = plan }

    func arm() { armed.store(true, ordering: .releasing) }

    /// What is passed now. Ends the process if it is the one, or says that it is to end after it.
    func enter(_ label: String, call: String, step: String) -> Bool {
        guard let plan, armed.load(ordering: .acquiring), plan.label == label || plan.label == "any" && label == call else { return false }
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number == plan.nth else { return false }
        if !plan.after { Self.die(call: call, step: step, "before") }
        return true
    }

    static func die(call: String, step: String, _ moment: String) -> Never {
        say("died|\(call)|\(step)|\(moment)")
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    /// One line on standard output, in one write.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    }
}

/// The steps of an erasure (design §5) and of a rotation (decision 0021), as calls show them.
enum Step {
    static let none = "-"

    /// What the task is about, as far as calls do not say it themselves.
    final class Trace: Sendable {
        let publishing: String
        /// Reads of key rows that are still the probe's.
        private let probes = Mutex(0)

        init(publishing: String) { self.publishing = publishing }

        static var ofErasure: Trace { Trace(publishing: "erase 4 publish") }
        static var ofRotation: Trace { Trace(publishing: "rotate 4 publish") }

        func beginProbing() { probes.withLock { $0 = 2 } }

        func isProbing() -> Bool {
            probes.withLock { left in
                left -= 1
                return left >= 0
            }
        }
    }

    @TaskLocal static var trace: Trace?

    static func of(call: String) -> String {
        switch call {
        case "vault.beginErasure": "erase 1 mark"
        case "vault.destroyKeys": "erase 3 destroy"
        case "vault.keys": trace?.isProbing() == true ? "erase 5 probe" : none
        case "vault.finishErasure": "erase 6 finish"
        case "board.publish": trace?.publishing ?? none
        case "keyring.newKEK": "rotate 1 new KEK"
        case "vault.raiseCurrentKEK": "rotate 2 current"
        case "vault.rewrap": "rotate 3 rewrap"
        case "vault.raiseLeastKEK": "rotate 4 least"
        case "keyring.destroyKEK": "rotate 5 destroy"
        default: none
        }
    }

    static func of(action: String) -> String {
        switch action {
        case "erasure.started": "erase 2 started"
        case "erasure.completed": "erase 6 completed"
        case "key.rotated": "rotate 3 entry"
        default: none
        }
    }
}

/// Where the calls of one store pass by.
struct Post: CallPost {
    let place: String
    let killSwitch: KillSwitch

    func passing<Result>(_ call: String, _ body: () async throws -> Result) async throws -> Result {
        let (call, step, isLast) = enter(call)
        let result: Result
        do { result = try await body() } catch {
            if isLast { KillSwitch.die(call: call, step: step, "after") }
            throw error
        }
        if isLast { KillSwitch.die(call: call, step: step, "after") }
        if call == "board.publish", step.hasPrefix("erase") { Step.trace?.beginProbing() }
        return result
    }

    func passingNow<Result: ~Copyable>(_ call: String, _ body: () throws(VaultError) -> Result) throws(VaultError) -> Result {
        let (call, step, isLast) = enter(call)
        let result = try body()
        if isLast { KillSwitch.die(call: call, step: step, "after") }
        return result
    }

    private func enter(_ call: String) -> (call: String, step: String, isLast: Bool) {
        let name = place + "." + call.prefix { $0 != "(" }
        let step = Step.of(call: name)
        let byStep = step != Step.none && killSwitch.enter(step, call: name, step: step)
        return (name, step, killSwitch.enter(name, call: name, step: step) || byStep)
    }
}
