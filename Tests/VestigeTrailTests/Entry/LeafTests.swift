import Testing
import VestigeCrypto

@testable import VestigeTrail

@Suite("Leaves")
struct LeafTests {
    private let header = Header(
        id: EntryID.make(at: Timestamp(microseconds: 5)), occurredAt: Timestamp(microseconds: 7), channel: "auth", event: "read",
        action: "auth.read", actor: ActorReference(type: "user", identity: .none))

    @Test("A leaf is version, id, time and the salted hashes of header and payload")
    func bytes() throws {
        let entry = try SealedEntry(header: header, payload: Payload(items: [Payload.Item(kind: .clear, bytes: [1, 2, 3])]))
        let leaf = entry.leaf(recordedAt: Timestamp(microseconds: 0x0102_0304_0506_0708))
        var expected: [UInt8] = [1] + header.id.bytes.bytes + [1, 2, 3, 4, 5, 6, 7, 8]
        expected += sha256(Array("vestige/header/v1".utf8) + [0] + entry.headerSalt + entry.headerBytes).bytes
        expected += sha256(Array("vestige/payload/v1".utf8) + [0] + entry.payloadSalt + entry.payloadBytes).bytes
        #expect(leaf.encoded() == expected)
        #expect(expected.count == Leaf.byteCount)
        #expect(Leaf(decoding: expected) == leaf)
    }

    @Test("Another length, another version or an id that is none is refused")
    func refused() throws {
        let bytes = try SealedEntry(header: header, payload: Payload()).leaf(recordedAt: Timestamp(microseconds: 9)).encoded()
        for count in 0..<bytes.count { #expect(Leaf(decoding: Array(bytes[..<count])) == nil) }
        #expect(Leaf(decoding: bytes + [0]) == nil)
        #expect(Leaf(decoding: [2] + bytes[1...]) == nil)
        var otherVersion = bytes
        otherVersion[7] = 0x4F
        #expect(Leaf(decoding: otherVersion) == nil)
    }

    @Test("Two sealings of one entry share no salt")
    func salts() throws {
        let entries = try (0..<50).map { _ in try SealedEntry(header: header, payload: Payload()) }
        let salts = entries.flatMap { [$0.headerSalt, $0.payloadSalt] }
        #expect(Set(salts).count == 100)
        #expect(salts.allSatisfy { $0.count == SealedEntry.saltByteCount })
    }

    @Test("An entry over 60 KiB is refused, one of 60 KiB is not")
    func size() throws {
        let room = SealedEntry.byteCountMax - header.encoded().count - 2 * SealedEntry.saltByteCount - 9
        func payload(_ count: Int) -> Payload { Payload(items: [Payload.Item(kind: .clear, bytes: [UInt8](repeating: 7, count: count))]) }
        _ = try SealedEntry(header: header, payload: payload(room))
        #expect(throws: TrailError.entryTooLarge(byteCount: SealedEntry.byteCountMax + 1)) {
            try SealedEntry(header: header, payload: payload(room + 1))
        }
    }
}
