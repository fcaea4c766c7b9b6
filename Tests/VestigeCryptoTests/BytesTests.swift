import Testing
import VestigeCrypto

@Suite struct BytesTests {
    @Test("16 bytes go in and come out in order, as bytes and as hex")
    func sixteen() {
        let bytes = [UInt8](0..<16)
        let value = Bytes16(bytes)
        #expect(value?.bytes == bytes)
        #expect(value?.hex == "000102030405060708090a0b0c0d0e0f")
        #expect(Bytes16(hex: "000102030405060708090a0b0c0d0e0f") == value)
        #expect(Bytes16(bytes.dropFirst()) == nil && Bytes16(bytes + [0]) == nil)
        #expect(value.map { "\($0)" } == value?.hex)
    }

    @Test("32 bytes go in and come out in order, as bytes, hex and base64")
    func thirtyTwo() {
        let bytes = [UInt8](200..<232)
        let value = Bytes32(bytes)
        #expect(value?.bytes == bytes)
        #expect(value.flatMap { Bytes32(hex: $0.hex) } == value)
        #expect(value.flatMap { Bytes32(base64: $0.base64) } == value)
        #expect(Bytes32(bytes.lazy.map { $0 }) == value)
        #expect(Bytes32(bytes.dropLast()) == nil)
    }

    @Test("hex is lower-case only and of the right length", arguments: ["0A", "0", "zz", "000102030405060708090a0b0c0d0e0F"])
    func badHex(_ text: String) { #expect(Bytes16(hex: text) == nil) }

    @Test("order is that of the bytes")
    func order() throws {
        let low = try #require(Bytes16(hex: "00ffffffffffffffffffffffffffffff"))
        let high = try #require(Bytes16(hex: "01000000000000000000000000000000"))
        #expect(low < high && !(high < low) && Bytes16.zero < low)
    }

    @Test("base64 is the canonical padded form or nothing")
    func base64() {
        #expect(Base64.encode([UInt8]("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw==")
        #expect(Base64.decode("YW55IGNhcm5hbCBwbGVhcw==") == [UInt8]("any carnal pleas".utf8))
        #expect(Base64.encode([]) == "" && Base64.decode("") == [])
        for bad in ["YQ", "YQ=", "YR==", "Y Q=", "YQ==\n", "-_=="] { #expect(Base64.decode(bad) == nil) }
    }

    @Test("SHA-256 gives the values of FIPS 180-4, whole and in pieces")
    func hash() {
        #expect(sha256([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(sha256([UInt8]("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        var hasher = SHA256Hasher()
        hasher.update(byte: 97)
        hasher.update([UInt8]("xbc".utf8)[1...])
        #expect(hasher.finish() == sha256([UInt8]("abc".utf8)))
    }

    @Test("random values differ")
    func random() {
        #expect(Bytes16.random() != Bytes16.random())
        #expect(Randomness.bytes(40).count == 40 && Randomness.bytes(32) != Randomness.bytes(32))
    }
}
