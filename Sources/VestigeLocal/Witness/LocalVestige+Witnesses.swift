public import VestigeCore
import VestigeDesk
import VestigeSQLite
public import VestigeTrail

/// How a witness stands.
public struct WitnessStanding: Sendable, Equatable {
    public let witness: Witness
    /// The largest size that it cosigned, as far as this data directory remembers; 0 for none.
    public let size: UInt64
    /// When, by its own clock.
    public let cosignedAt: Timestamp?
    /// Why it did not cosign the last time; `nil` when it did.
    public let trouble: String?
}

/// What came of showing the newest checkpoint to every witness.
public struct WitnessRound: Sendable, Equatable {
    public let size: UInt64
    public let outcomes: [Asked]

    public struct Asked: Sendable, Equatable {
        public let witness: Witness
        public let outcome: WitnessOutcome
    }

    /// Whether every witness cosigned.
    public var isComplete: Bool {
        outcomes.allSatisfy { if case .cosigned = $0.outcome { true } else { false } }
    }
}

extension LocalVestige {
    /// Shows checkpoints to a witness from the next submission on. The entry `trail.witness_added` says so.
    ///
    /// - Throws: ``WitnessError/known(_:)``, ``RecordingError``
    public func addWitness(_ witness: Witness, by actor: AuditActor) async throws -> Receipt {
        guard try await !WitnessBook(trail: trail).witnesses().contains(where: { $0.key == witness.key }) else {
            throw WitnessError.known(witness.name)
        }
        return try await recorder.record(WitnessBook.entry(WitnessBook.added, witness, by: actor))
    }

    /// Asks a witness no more. What it cosigned stays.
    ///
    /// - Throws: ``WitnessError/unknown(_:)``, ``RecordingError``
    public func removeWitness(named name: String, by actor: AuditActor) async throws -> Receipt {
        guard let witness = try await WitnessBook(trail: trail).witnesses().last(where: { $0.name == name || "\($0.key)" == name }) else {
            throw WitnessError.unknown(name)
        }
        return try await recorder.record(WitnessBook.entry(WitnessBook.removed, witness, by: actor))
    }

    public func witnesses() async throws -> [WitnessStanding] {
        let witnesses = try await WitnessBook(trail: trail).witnesses()
        guard !witnesses.isEmpty else { return [] }
        let desk = try SQLiteDeskStore.openOrCreate(in: place.data)
        defer { try? desk.close() }
        var standings: [WitnessStanding] = []
        for witness in witnesses {
            let memory = try await WitnessMemory.read(witness, of: trail, desk).memory
            let time = memory.seconds.map { Timestamp(microseconds: Int64(clamping: $0) * Timestamp.microsecondsPerSecond) }
            standings.append(WitnessStanding(witness: witness, size: memory.size, cosignedAt: time, trouble: memory.trouble))
        }
        return standings
    }

    /// Shows the newest checkpoint to every witness and keeps what they sign. A refusal is an entry, `trail.witness_refused`, once until
    /// that witness cosigns again or refuses for another reason.
    ///
    /// - Throws: ``WitnessError/none``; ``TrailError``, ``RecordingError``. What a witness answers is no error but an outcome.
    public func submitToWitnesses(over transport: any WitnessTransport) async throws -> WitnessRound {
        let witnesses = try await WitnessBook(trail: trail).witnesses()
        guard !witnesses.isEmpty else { throw WitnessError.none }
        let checkpoint = try await trail.checkpoint()
        let desk = try SQLiteDeskStore.openOrCreate(in: place.data)
        defer { try? desk.close() }
        let client = WitnessClient(trail: trail, transport: transport)
        var asked: [WitnessRound.Asked] = []
        for witness in witnesses {
            let (before, version) = try await WitnessMemory.read(witness, of: trail, desk)
            let outcome = try await client.submit(checkpoint, to: witness, known: before.size)
            var memory = before
            switch outcome {
            case .cosigned(let cosignature):
                // One line for each size: asking again about the same tree only says that the witness still knows no larger one.
                let isNew = before.note == nil || before.size != checkpoint.size
                if isNew { try await trail.keep(checkpoint, cosignatures: [cosignature]) }
                memory = WitnessMemory(
                    size: checkpoint.size, seconds: cosignature.seconds, note: checkpoint.note + cosignature.line)
            case .refused(let refusal):
                let known = "\(refusal.code) \(refusal.seen ?? 0)"
                if before.refusal != known {
                    _ = try await recorder.record(WitnessBook.refusal(refusal, by: witness, size: checkpoint.size))
                }
                memory.refusal = known
                memory.trouble = refusal.message(size: checkpoint.size)
            case .unreachable(let why):
                memory.trouble = "was not reached: \(why)"
            }
            try await memory.write(witness, of: trail, desk, replacing: version)
            asked.append(WitnessRound.Asked(witness: witness, outcome: outcome))
        }
        return WitnessRound(size: checkpoint.size, outcomes: asked)
    }

    /// The checkpoints that witnesses cosigned, as the desk remembers them apart from the trail; and the witnesses' keys.
    static func witnessed(_ trail: Trail, in place: Place) async throws -> (notes: [String], keys: [WitnessKey]) {
        let witnesses = try await WitnessBook(trail: trail).witnesses()
        guard !witnesses.isEmpty, let desk = try? SQLiteDeskStore.open(in: place.data) else { return ([], witnesses.map(\.key)) }
        defer { try? desk.close() }
        var notes: [String] = []
        for witness in witnesses {
            // Only what the witness did sign: the desk itself is no evidence.
            guard let note = try await WitnessMemory.read(witness, of: trail, desk).memory.note, let signed = try? SignedNote(note),
                (try? Cosignature.newest(in: signed.signatures, of: signed.text, by: witness.key)) != nil
            else { continue }
            notes.append(note)
        }
        return (notes, witnesses.map(\.key))
    }
}
