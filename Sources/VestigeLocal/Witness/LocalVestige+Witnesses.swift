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
    /// Whether it has cosigned nothing for over a day, though the trail has grown since.
    public let isOverdue: Bool
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
        let (size, dayAgo) = (try await trail.size(), clock().adding(days: -1))
        let desk = try SQLiteDeskStore.openOrCreate(in: place.data)
        defer { try? desk.close() }
        var standings: [WitnessStanding] = []
        for witness in witnesses {
            let memory = try await WitnessMemory.read(witness.key, of: trail, desk)
            let cosignedAt = memory.cosignedAt
            standings.append(
                WitnessStanding(
                    witness: witness, size: memory.size, cosignedAt: cosignedAt, trouble: memory.trouble,
                    isOverdue: memory.size < size && cosignedAt.map { $0 < dayAgo } ?? false))
        }
        return standings
    }

    /// Shows the newest checkpoint to every witness and keeps what they sign. A refusal is an entry, `trail.witness_refused`, once until
    /// that witness cosigns again or refuses for another reason, and at most once a day for each reason. It may be run by several at once.
    ///
    /// - Throws: ``WitnessError/none``; ``TrailError``, ``RecordingError``. What a witness answers is no error but an outcome.
    public func submitToWitnesses(over transport: any WitnessTransport) async throws -> WitnessRound {
        let witnesses = try await WitnessBook(trail: trail).witnesses()
        guard !witnesses.isEmpty else { throw WitnessError.none }
        let checkpoint = try await trail.checkpoint()
        let desk = try SQLiteDeskStore.openOrCreate(in: place.data)
        defer { try? desk.close() }
        let client = WitnessClient(trail: trail, transport: transport, clock: clock)
        var asked: [WitnessRound.Asked] = []
        for witness in witnesses {
            let before = try await WitnessMemory.read(witness.key, of: trail, desk)
            let outcome = try await client.submit(checkpoint, to: witness, known: before.size)
            switch outcome {
            case .cosigned(let cosignature):
                // One line for each size: asking again about the same tree only says that the witness still knows no larger one. Whether it
                // is there, the trail knows: the desk may remember what a copy that was put back does not have.
                if try await trail.newestCosigned(by: [witness.key])?.size != checkpoint.size {
                    try await trail.keep(checkpoint, cosignatures: [cosignature])
                }
                try await WitnessMemory.change(witness.key, of: trail, desk) { $0.note(cosignature, under: checkpoint) }
            case .refused(let refusal):
                let today = clock().day
                let isNews = before.isNews(refusal, on: today)
                if isNews { _ = try await recorder.record(WitnessBook.refusal(refusal, by: witness, size: checkpoint.size)) }
                try await WitnessMemory.change(witness.key, of: trail, desk) {
                    $0.note(refusal, size: checkpoint.size, toldOn: isNews ? today : nil)
                }
            case .unreachable(let why):
                try await WitnessMemory.change(witness.key, of: trail, desk) { $0.trouble = "was not reached: \(why)" }
            }
            asked.append(WitnessRound.Asked(witness: witness, outcome: outcome))
        }
        return WitnessRound(size: checkpoint.size, outcomes: asked)
    }

    /// The keys whose cosignatures of this trail count: of every witness that was ever added, the removed ones too.
    package static func witnessKeys(of trail: Trail) async throws -> [WitnessKey] { try await WitnessBook(trail: trail).keys() }

    /// Cosignatures held against what the trail kept, and what the desk remembers of them apart from the trail.
    ///
    /// - Parameter trail: whose newest checkpoint was found good.
    static func cosignatureFindings(_ trail: Trail, in place: Place) async throws -> [TrailFinding] {
        var remembered: [String] = []
        if let desk = try? SQLiteDeskStore.open(in: place.data) {
            defer { try? desk.close() }
            for key in try await witnessKeys(of: trail) {
                if let note = try await WitnessMemory.read(key, of: trail, desk).note { remembered.append(note) }
            }
        }
        return try await trail.cosignatureFindings(remembered: remembered) { try await witnessKeys(of: trail) }
    }
}
