import Foundation
import Testing
import VestigeCrypto
import VestigeLocal
import VestigeTesting

/// Hands requests to witnesses in memory, by their address.
struct MemoryTransport: WitnessTransport {
    let witnesses: [String: InMemoryWitness]

    struct Unreachable: Error, CustomStringConvertible {
        let description = "no route to host"
    }

    func post(_ body: String, to url: String) async throws -> WitnessAnswer {
        guard let witness = witnesses[url] else { throw Unreachable() }
        let answer = witness.addCheckpoint(body)
        return WitnessAnswer(status: answer.status, body: answer.body)
    }
}

/// A trail, a witness that knows it, and the way between them.
struct Witnessed {
    let folder: Folder
    let vestige: LocalVestige
    let witness: InMemoryWitness
    let transport: MemoryTransport

    /// - Parameter seconds: the witness's clock.
    init(trusted: Bool = true, seconds: @escaping @Sendable () -> UInt64 = { 1_780_000_000 }) async throws {
        folder = try Folder()
        vestige = try await folder.make()
        witness = InMemoryWitness(signingKey: try SigningKey.generate(), seconds: seconds)
        transport = MemoryTransport(witnesses: ["https://w1.example/submit/add-checkpoint": witness])
        if trusted { witness.trust(vestige.trail.verifierKey) }
        _ = try await vestige.addWitness(Witness(vkey: "\(witness.key)", url: "https://w1.example/submit/"), by: ana)
    }

    func record(_ count: Int) async throws {
        for number in 0..<count { _ = try await vestige.recorder.record(look(at: "p\(number % 5)")) }
    }

    func submit() async throws -> WitnessOutcome {
        try #require(try await vestige.submitToWitnesses(over: transport).outcomes.first?.outcome)
    }

    var size: UInt64 {
        get async throws { try await vestige.trail.checkpoint().size }
    }

    func refusals() async throws -> [Header] {
        var query = IndexQuery(limit: 10)
        query.actions = ["trail.witness_refused"]
        return try await vestige.trail.page(query).compactMap { try $0.body.map { try Header(decoding: $0.header) } }
    }

    var trailFile: String { folder.file("trail.sqlite") }
}

func isCosigned(_ outcome: WitnessOutcome) -> Bool {
    if case .cosigned = outcome { true } else { false }
}
