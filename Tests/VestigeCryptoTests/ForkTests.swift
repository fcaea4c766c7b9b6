import Foundation
import Testing
import VestigeCrypto

@Suite("A child made by fork", .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps"), "there is no /proc/self/smaps"))
struct ForkTests {
    /// Whether fork does not copy the mapping that holds this address (`dc` among its flags); `nil` where there is none.
    private func isKeptFromChildren(_ address: UInt) throws -> Bool? {
        var isHere = false
        // Files of /proc say that they are empty: read to the end, not to their size.
        let content = try #require(try FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
        for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
            if let range = line.prefixMatch(of: #/([0-9a-f]+)-([0-9a-f]+) /#) {
                isHere = try #require(UInt(range.1, radix: 16)) <= address && address < #require(UInt(range.2, radix: 16))
            } else if isHere, line.hasPrefix("VmFlags:") {
                return line.split(separator: " ").contains("dc")
            }
        }
        return nil
    }

    @Test("has none of the keys: the slab is not copied to it")
    func slab() throws {
        let slab = try KeySlab(capacity: 1_000)
        // The first and the last place of the slab.
        let slots = try (0..<1_000).map { _ in try slab.generate() }
        for slot in [slots[0], slots[999]] {
            let address = try #require(slab.withKey(slot) { UInt(bitPattern: $0.baseAddress) })
            #expect(try isKeptFromChildren(address) == true)
        }
        let plain = UnsafeMutableRawPointer.allocate(byteCount: 32, alignment: 16)
        defer { plain.deallocate() }
        #expect(try isKeptFromChildren(UInt(bitPattern: plain)) == false, "other memory is")
    }
}
