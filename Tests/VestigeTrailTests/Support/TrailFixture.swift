import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

/// A trail in memory with a clock that moves on by itself.
struct TrailFixture: Sendable {
    static let origin = "vestige.local/00112233445566778899aabbccddeeff"
    static let start = Timestamp(microseconds: 1_778_000_000_000_000)

    let store: InMemoryTrailStore
    let signer: CheckpointSigner
    let trail: Trail

    /// A new trail; its clock stands at `start`.
    init(contents: TrailContents? = nil, signer: CheckpointSigner? = nil) throws {
        let identity = TrailIdentity(id: Bytes16(hex: "00112233445566778899aabbccddeeff") ?? .zero, origin: TrailFixture.origin)
        self.signer = try signer ?? CheckpointSigner(origin: TrailFixture.origin, key: .generate())
        store = InMemoryTrailStore(identity: identity, contents: contents ?? TrailContents())
        let clock: Clock = { TrailFixture.start }
        trail =
            contents == nil
            ? try Trail.create(store: store, signer: self.signer, clock: clock)
            : try Trail.open(store: store, signer: self.signer, clock: clock)
    }

    /// Another process at the same trail.
    func anotherTrail() throws -> Trail {
        try Trail.open(store: store, signer: signer, clock: { TrailFixture.start.adding(microseconds: 5) })
    }

    static func header(_ number: Int) -> Header {
        let person = Bytes16(sha256([UInt8(number % 7)]).bytes[..<16]) ?? .zero
        let actor = Bytes16(sha256([100, UInt8(number % 3)]).bytes[..<16]) ?? .zero
        return Header(
            id: EntryID.make(at: start), occurredAt: start.adding(microseconds: Int64(number)), channel: "pii-read", event: "read",
            action: "pii.read.user", actor: ActorReference(type: "user", identity: .pseudonym(actor)),
            record: RecordHandle(type: "user", handle: person), subjects: [person], fields: ["email"], purpose: "support")
    }

    static func entry(_ number: Int) throws -> SealedEntry {
        let items = [Payload.Item(kind: .actor, bytes: [1, UInt8(number % 256)]), Payload.Item(kind: .subject, bytes: [2, 3, 4])]
        return try SealedEntry(header: header(number), payload: Payload(items: items))
    }

    /// Appends `count` entries at once and returns their receipts.
    @discardableResult
    func append(_ count: Int) async throws -> [Appended] {
        try await withThrowingTaskGroup(of: Appended.self) { [trail] group in
            for number in 0..<count { group.addTask { try await trail.append(TrailFixture.entry(number)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    func expectIntact() async throws -> Bool {
        try await trail.verify().verdict == .intact
    }
}
