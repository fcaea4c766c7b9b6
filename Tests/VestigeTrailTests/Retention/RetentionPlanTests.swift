import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("A retention plan")
struct RetentionPlanTests {
    private static let cutoff = TrailFixture.start

    private func plan(_ bytes: [UInt8], action: String = RetentionPlan.action, channel: String = RetentionPlan.channel, seq: UInt64 = 100)
        -> RetentionPlan?
    {
        let header = Header(
            id: .make(at: TrailFixture.start), occurredAt: TrailFixture.start, channel: channel, event: "pruned", action: action,
            actor: ActorReference(type: "system", identity: .none))
        return RetentionPlan(header, Payload(items: [.init(kind: .actor, bytes: [1]), .init(kind: .clear, bytes: bytes)]), seq: seq)
    }

    @Test("says as JSON which places go, and reads nothing else than what it writes")
    func text() throws {
        let places = SeqRuns([3, 4, 5, 9].map { UInt64($0) })
        let bytes = RetentionPlan.encode(places, cutoff: Self.cutoff, channels: ["pii-read", "auth", "auth"])
        let hash = "\(places.digest.hex)"
        let text =
            #"{"cutoff":"\#(Self.cutoff)","channels":["auth","pii-read"],"count":4,"sha256":"\#(hash)","from":3,"runs":[3,3,1]}"#
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        let read = try #require(plan(bytes))
        #expect(
            read.places == places && read.cutoff == Self.cutoff && read.channels == ["auth", "pii-read"] && read.digest == places.digest)
        #expect(read.row.range == 3..<10 && read.row.entry == read.entry.bytes)
        for (old, new) in [
            (#""count":4"#, #""count":5"#), (#""from":3"#, #""from":4"#), ("[3,3,1]", "[3,2,1]"), ("[3,3,1]", "[3,3,1,1]"),
            ("[3,3,1]", "[3,03,1]"),
            (hash, String(repeating: "0", count: 64)), (hash, hash.uppercased()), ("}", ",\"more\":1}"), ("}", "} "),
            (#"["auth","pii-read"]"#, #"["pii-read","auth"]"#), ("[3,3,1]", "[]"), (#""from":3"#, #""from":-3"#),
        ] {
            #expect(plan(Array(text.replacing(old, with: new).utf8)) == nil, "\(old) \(new)")
        }
        #expect(plan(bytes, action: "retention.pruned") == nil && plan(bytes, channel: "people") == nil)
        // Places that do not stand below it.
        #expect(plan(bytes, seq: 9) == nil && plan(bytes, seq: 10) != nil)
    }

    @Test("is divided so that each part fits into an entry")
    func pieces() throws {
        let places = SeqRuns(stride(from: UInt64(1_000_000), to: 1_200_000, by: 3))
        let pieces = RetentionPlan.pieces(of: places)
        #expect(pieces.count > 1 && pieces.flatMap { Array($0.seqs) } == Array(places.seqs))
        for piece in pieces {
            let bytes = RetentionPlan.encode(piece, cutoff: Self.cutoff, channels: (0..<100).map { "channel-\($0)" })
            #expect(bytes.count < 45 * 1024)
            #expect(plan(bytes, seq: 2_000_000)?.places == piece)
        }
        #expect(RetentionPlan.pieces(of: SeqRuns()).isEmpty)
    }
}
