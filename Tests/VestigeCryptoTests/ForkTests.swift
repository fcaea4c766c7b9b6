import Foundation
import Testing
import VestigeCrypto

@Suite("A child made by fork", .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/smaps"), "there is no /proc/self/smaps"))
struct ForkTests {
    /// Bytes of this process's memory that fork does not copy (`dc` in the flags of a mapping).
    private func keptFromChildren() throws -> Int {
        var (size, total) = (0, 0)
        // Files of /proc say that they are empty: read to the end, not to their size.
        let content = try #require(try FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
        for line in String(decoding: content, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("Size:"), words.count > 1 { size = Int(words[1]) ?? 0 }
            if line.hasPrefix("VmFlags:"), words.contains("dc") { total += size * 1_024 }
        }
        return total
    }

    @Test("has none of the keys: the slab is not copied to it")
    func slab() throws {
        // Large, so that the slabs of tests beside this one do not hide it.
        let byteCount = 32 * 100_000
        let before = try keptFromChildren()
        let slab = try KeySlab(capacity: 100_000)
        _ = try slab.generate()
        #expect(try keptFromChildren() - before >= byteCount / 2)
        #expect(slab.count == 1)
    }
}
