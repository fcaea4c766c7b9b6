import Foundation
import Synchronization
public import VestigeCrypto
public import VestigeTrail

/// A small witness that follows C2SP tlog-witness, in memory: it answers with the specification's status codes and cosigns what is
/// consistent with what it saw. It has no socket of its own; a test that wants one puts it behind a server.
public final class InMemoryWitness: Sendable {
    public struct Answer: Sendable, Equatable {
        public let status: Int
        public let contentType: String
        public let body: String

        public init(status: Int, contentType: String = "text/plain; charset=utf-8", body: String = "") {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// What it knows of one log.
    private struct Log {
        var keys: [VerifierKey]
        var head = TreeHead.empty
    }

    private struct State {
        var logs: [String: Log] = [:]
        var prepared: [Answer] = []
        var requests: [String] = []
    }

    public let key: WitnessKey
    private let signingKey: SigningKey
    private let seconds: @Sendable () -> UInt64
    private let state = Mutex(State())

    /// - Parameter seconds: its clock, since 1970.
    public init(
        name: String = "witness.example/w1", signingKey: consuming SigningKey, seconds: @escaping @Sendable () -> UInt64 = { 1_780_000_000 }
    ) {
        key = WitnessKey(name: name, publicKey: signingKey.publicKey)
        self.signingKey = signingKey
        self.seconds = seconds
    }

    /// Knows a log from now on, by one more key.
    public func trust(_ key: VerifierKey) {
        state.withLock { $0.logs[key.name, default: Log(keys: [])].keys.append(key) }
    }

    /// The largest tree it saw of a log.
    public func head(of origin: String) -> TreeHead? { state.withLock { $0.logs[origin]?.head } }

    /// Believes to have seen this: a witness that lost its state, or saw another history.
    public func set(_ head: TreeHead, of origin: String) { state.withLock { $0.logs[origin]?.head = head } }

    /// Answers the next requests with these, whatever they say.
    public func answerNext(_ answers: [Answer]) { state.withLock { $0.prepared += answers } }

    /// Bodies of the requests so far.
    public var requests: [String] { state.withLock { $0.requests } }

    /// The `add-checkpoint` call. Checking the old size and taking the new one is one step.
    public func addCheckpoint(_ body: String) -> Answer {
        state.withLock { state in
            state.requests.append(body)
            if !state.prepared.isEmpty { return state.prepared.removeFirst() }
            return answer(body, &state)
        }
    }

    private func answer(_ body: String, _ state: inout State) -> Answer {
        guard let request = Request(body) else { return Answer(status: 400, body: "not an add-checkpoint request\n") }
        guard var log = state.logs[request.origin] else { return Answer(status: 404, body: "unknown log\n") }
        guard let checkpoint = log.keys.lazy.compactMap({ try? Checkpoint(verifying: request.note, by: $0) }).first else {
            return Answer(status: 403, body: "no signature by a trusted key\n")
        }
        guard request.old <= checkpoint.size else { return Answer(status: 400, body: "the old size is above the checkpoint's\n") }
        guard request.old == log.head.size else { return conflict(log.head.size) }
        if request.old == checkpoint.size {
            guard log.head.root == checkpoint.root else { return conflict(log.head.size) }
            guard request.hashes.isEmpty else { return Answer(status: 422, body: "a proof between equal sizes\n") }
        } else {
            let proof = ConsistencyProof(oldSize: request.old, hashes: request.hashes)
            let isConsistent = request.old == 0 ? request.hashes.isEmpty : proof.verifies(from: log.head, to: checkpoint.head)
            guard isConsistent else { return Answer(status: 422, body: "the proof does not verify\n") }
        }
        log.head = checkpoint.head
        state.logs[request.origin] = log
        let (now, text) = (seconds(), request.text)
        let signature = signingKey.sign(Cosignature.message(text: text, seconds: now))
        return Answer(status: 200, body: Cosignature.line(by: key, seconds: now, signature: signature))
    }

    private func conflict(_ size: UInt64) -> Answer { Answer(status: 409, contentType: "text/x.tlog.size", body: "\(size)\n") }

    /// `old N`, hashes, an empty line, a checkpoint.
    private struct Request {
        let old: UInt64
        let hashes: [Bytes32]
        let note: String
        let text: String
        let origin: String

        init?(_ body: String) {
            guard let divide = body.range(of: "\n\n") else { return nil }
            let lines = body[..<divide.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
            note = String(body[divide.upperBound...])
            guard let first = lines.first, first.hasPrefix("old "), let old = UInt64(first.dropFirst(4)), String(old) == first.dropFirst(4),
                lines.count <= 1 + ConsistencyProof.hashCountMax, let signed = try? SignedNote(note)
            else { return nil }
            self.old = old
            hashes = lines.dropFirst().compactMap { Bytes32(base64: $0) }
            guard hashes.count == lines.count - 1 else { return nil }
            text = signed.text
            origin = String(text.prefix { $0 != "\n" })
        }
    }
}
