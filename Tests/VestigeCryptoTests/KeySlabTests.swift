import Testing
import VestigeCrypto

@Suite struct KeySlabTests {
    @Test("memory can be locked here")
    func start() throws { try Sodium.start() }

    @Test("a stored key is lent as it was given, until it is wiped")
    func store() throws {
        let slab = try KeySlab(capacity: 4)
        let key = Randomness.bytes(32)
        let slot = try key.withUnsafeBytes { bytes in try slab.store(copying: bytes) }
        #expect(slab.withKey(slot) { [UInt8]($0) } == key)
        slab.wipe(slot)
        #expect(slab.withKey(slot) { [UInt8]($0) } == nil)
        #expect(slab.count == 0)
    }

    @Test("a wiped slot does not reach the next key in its place")
    func generations() throws {
        let slab = try KeySlab(capacity: 1)
        let first = try slab.generate()
        #expect(throws: CryptoError.slabFull(capacity: 1)) { try slab.generate() }
        slab.wipe(first)
        let second = try slab.generate()
        slab.wipe(first)
        #expect(slab.withKey(first) { _ in true } == nil)
        #expect(slab.withKey(second) { _ in true } == true)
    }

    @Test("wiping all frees every place and keeps no key")
    func wipeAll() throws {
        let slab = try KeySlab(capacity: 3)
        let slots = try (0..<3).map { _ in try slab.generate() }
        slab.wipe(slots[1])
        slab.wipeAll()
        #expect(slab.count == 0)
        for slot in slots { #expect(slab.withKey(slot) { _ in true } == nil) }
        for _ in 0..<3 { _ = try slab.generate() }
        #expect(slab.count == 3)
    }

    @Test("a key that could not be filled in is not kept")
    func failedFill() throws {
        let slab = try KeySlab(capacity: 1)
        #expect(throws: CryptoError.notAuthentic) { try slab.store { (_) throws(CryptoError) in throw .notAuthentic } }
        #expect(slab.count == 0)
        #expect(throws: CryptoError.wrongLength(expected: 32, actual: 0)) {
            try slab.store(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    @Test("many threads at once each get their own key")
    func concurrency() async throws {
        let slab = try KeySlab(capacity: 64)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<32 {
                group.addTask {
                    let key = [UInt8](repeating: UInt8(number), count: 32)
                    for _ in 0..<500 {
                        let slot = try key.withUnsafeBytes { bytes in try slab.store(copying: bytes) }
                        #expect(slab.withKey(slot) { $0.allSatisfy { $0 == UInt8(number) } } == true)
                        slab.wipe(slot)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(slab.count == 0)
    }

    @Test("a secret key decodes from base64 and gives it back; anything else is refused")
    func base64() throws {
        let key = try SecretKey.random()
        let text = key.withBase64 { [UInt8]($0) }
        let bytes = key.withBytes { [UInt8]($0) }
        #expect(text == [UInt8](Base64.encode(bytes).utf8))
        let again = try text.withUnsafeBytes { text in try SecretKey(base64: text).withBytes { [UInt8]($0) } }
        #expect(again == bytes)
        for bad in ["", "AAAA", String(repeating: "A", count: 44), String(repeating: "A", count: 48)] {
            #expect(throws: CryptoError.self) {
                _ = try [UInt8](bad.utf8).withUnsafeBytes { text in try SecretKey(base64: text).withBytes { $0.count } }
            }
        }
    }
}
