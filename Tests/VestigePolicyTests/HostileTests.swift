import Testing
import VestigePolicy

@Suite("Hostile files")
struct HostileTests {
    /// A small fixed generator: a failure can be run again.
    private struct Steps: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    @Test("a damaged example is read or refused, never a crash", arguments: PolicyFiles.examples)
    func damaged(name: String) throws {
        let original = try PolicyFiles.bytes("Policies/\(name).yaml")
        let marks = [UInt8]("{}[]:,-?&*!|>'\"%@#~\n\t \\\0\u{7F}".utf8) + [0xC3, 0xFF]
        var steps = Steps(state: 41)
        for _ in 0..<150 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &steps) {
                let place = bytes.indices.randomElement(using: &steps) ?? 0
                switch Int.random(in: 0..<3, using: &steps) {
                case 0: bytes[place] = marks.randomElement(using: &steps) ?? 0
                case 1: bytes.insert(marks.randomElement(using: &steps) ?? 0, at: place)
                default: bytes.removeSubrange(place..<min(place + Int.random(in: 1...40, using: &steps), bytes.count))
                }
            }
            do {
                _ = try Policy.parse(bytes, file: "p.yaml")
            } catch {
                #expect(!error.problems.isEmpty && error.problems.allSatisfy { $0.line > 0 && $0.column > 0 })
            }
        }
    }

    @Test(
        "nesting as deep as a file allows is refused, not followed",
        arguments: [
            String(repeating: "- ", count: 24_000), String(repeating: "[", count: 49_000), String(repeating: "{a: ", count: 12_000),
            String(repeating: "? ", count: 24_000), (0..<300).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
        ])
    func deep(text: String) {
        #expect(refusals(text).count >= 1)
    }
}
