import VestigeCore
import VestigeTrail

/// Submits one checkpoint to one witness (C2SP tlog-witness, `add-checkpoint`).
struct WitnessClient {
    /// A witness that others submit to as well may move on between two attempts.
    private static let attemptCountMax = 4
    /// A witness's clock may be ahead of ours by so much.
    private static let secondsAheadMax: Int64 = 86_400

    let trail: Trail
    let transport: any WitnessTransport
    let clock: Clock

    /// - Parameter known: the size that the witness is believed to have cosigned last; a wrong one costs one more request.
    func submit(_ checkpoint: Checkpoint, to witness: Witness, known: UInt64) async throws -> WitnessOutcome {
        var old = min(known, checkpoint.size)
        for _ in 0..<Self.attemptCountMax {
            let proof = try await trail.consistencyProof(from: old, to: checkpoint)
            let answer: WitnessAnswer
            do {
                answer = try await transport.post(proof.text(checkpoint: checkpoint), to: witness.addCheckpointURL)
            } catch {
                return .unreachable("\(error)")
            }
            switch answer.status {
            case 200: return cosigned(answer, checkpoint, witness)
            case 409:
                guard let seen = Self.size(answer.body) else { return .refused(.badAnswer(status: 409)) }
                if seen > checkpoint.size { return .refused(.sawMore(size: seen)) }
                // It was asked about just that size: what it has there is another tree.
                if seen == old { return .refused(old == checkpoint.size ? .sawOther(size: seen) : .badAnswer(status: 409)) }
                old = seen
            case 422: return .refused(.inconsistent(size: old))
            case 404: return .refused(.unknownTrail)
            case 403: return .refused(.unknownKey)
            case 400: return .refused(.malformed)
            default: return .unreachable("it answered with status \(answer.status)")
            }
        }
        return .unreachable("it had seen another size at each attempt")
    }

    private func cosigned(_ answer: WitnessAnswer, _ checkpoint: Checkpoint, _ witness: Witness) -> WitnessOutcome {
        guard let text = try? SignedNote(checkpoint.note).text, let signatures = try? SignedNote.signatures(in: answer.body),
            let cosignature = try? Cosignature.newest(in: signatures, of: text, by: witness.key), isPlausible(cosignature.seconds)
        else { return .refused(.badAnswer(status: 200)) }
        return .cosigned(cosignature)
    }

    /// What it says of the time is kept and shown for good.
    private func isPlausible(_ seconds: UInt64) -> Bool {
        Cosignature.plausibleSeconds.contains(seconds)
            && Int64(clamping: seconds) <= clock().microseconds / Timestamp.microsecondsPerSecond + Self.secondsAheadMax
    }

    /// Decimal digits and a newline.
    private static func size(_ body: String) -> UInt64? {
        guard body.hasSuffix("\n"), let size = UInt64(body.dropLast()), String(size) == body.dropLast() else { return nil }
        return size
    }
}
