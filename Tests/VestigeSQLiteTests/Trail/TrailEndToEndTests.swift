import Testing
import VestigeCrypto
import VestigeSQLite
import VestigeTrail

@Suite("A whole trail on SQLite")
struct TrailEndToEndTests {
    private let directory: TemporaryDirectory
    private let clock: Clock = { Timestamp(microseconds: 1_778_000_000_000_000) }

    init() throws { directory = try TemporaryDirectory() }

    /// The key is drawn once, so that a trail can be opened again.
    private let seed = Randomness.bytes(32)
    private func signer() throws -> CheckpointSigner {
        try Sodium.start()
        return try seed.withUnsafeBytes { bytes in
            try CheckpointSigner(origin: TrailFixture.identity.origin, key: SigningKey(seed: SecretKey(copying: bytes)))
        }
    }

    @Test("two processes append to one trail, it verifies, and its proofs lead to the newest checkpoint")
    func verified() async throws {
        let first = try Trail.create(
            store: SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity), signer: signer(), clock: clock)
        let second = try Trail.open(store: SQLiteTrailStore.open(in: directory.path), signer: signer(), clock: clock)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<700 {
                let trail = number % 2 == 0 ? first : second
                group.addTask { _ = try await trail.append(try TrailFixture.entry()) }
            }
            try await group.waitForAll()
        }
        let report = try await second.verify()
        #expect(report.verdict == .intact)
        #expect(report.head.size == 700)
        let (entry, proof, checkpoint) = try await first.proof(of: 255)
        #expect(proof.verifies(leafHash: TreeHash.leaf(entry.leaf), in: checkpoint.head))
        try first.close()
        try second.close()
    }

    @Test("rows put in behind the trail's back are found")
    func tampered() async throws {
        let trail = try Trail.create(
            store: SQLiteTrailStore.create(in: directory.path, identity: TrailFixture.identity), signer: signer(), clock: clock)
        for _ in 0..<3 { _ = try await trail.append(try TrailFixture.entry()) }
        try trail.close()
        try RawDatabase.execute(
            """
            INSERT INTO index_rows SELECT 9, occurred_at, channel, event, action, status, actor_type, purpose FROM index_rows WHERE seq = 0;
            INSERT INTO terms SELECT term, 12 FROM terms WHERE seq = 0; UPDATE index_rows SET purpose = 'other' WHERE seq = 1;
            INSERT INTO redactions SELECT 0, substr(leaf, 2, 16) FROM leaves WHERE seq = 2; DELETE FROM bodies WHERE seq = 0
            """, on: directory.file("trail.sqlite"))
        let again = try Trail.open(store: SQLiteTrailStore.open(in: directory.path), signer: signer(), clock: clock)
        let kinds = try await again.verify().findings.map(\.kind)
        #expect(Set(kinds).isSuperset(of: [.index, .missing, .stray]))
        try again.close()
    }
}
