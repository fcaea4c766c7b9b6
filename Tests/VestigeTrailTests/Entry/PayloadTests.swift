import Testing
import VestigeTrail

@Suite("Payloads")
struct PayloadTests {
    private func random(_ seed: inout Seeded) -> Payload {
        let kinds: [Payload.Kind] = [.clear, .actor, .subject, .behalf]
        return Payload(
            items: (0..<Int.random(in: 0...5, using: &seed)).map { _ in
                Payload.Item(
                    kind: kinds.randomElement(using: &seed) ?? .clear, index: UInt16.random(in: 0...999, using: &seed),
                    bytes: seed.bytes(Int.random(in: 0...80, using: &seed)))
            })
    }

    @Test("The bytes are count, then kind, index, length and bytes of each item")
    func bytes() {
        let payload = Payload(items: [
            Payload.Item(kind: .actor, bytes: [0xAA]), Payload.Item(kind: .subject, index: 0x0102, bytes: [0xBB, 0xCC]),
        ])
        #expect(payload.encoded() == [0, 2, 1, 0, 0, 0, 0, 0, 1, 0xAA, 2, 1, 2, 0, 0, 0, 2, 0xBB, 0xCC])
        #expect(Payload().encoded() == [0, 0])
    }

    @Test("A payload comes back, and cut short at any byte or with one more it is refused")
    func roundTrip() throws {
        var seed = Seeded(2)
        for _ in 0..<200 {
            let payload = random(&seed)
            let bytes = payload.encoded()
            #expect(try Payload(decoding: bytes) == payload)
            for count in 0..<bytes.count {
                #expect(throws: TrailError.self) { try Payload(decoding: Array(bytes[..<count])) }
            }
            #expect(throws: TrailError.self) { try Payload(decoding: bytes + [0]) }
        }
    }

    @Test("An unknown kind, and a length beyond the end, are refused")
    func refused() {
        #expect(throws: TrailError.self) { try Payload(decoding: [0, 1, 4, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: TrailError.self) { try Payload(decoding: [0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1]) }
    }
}
