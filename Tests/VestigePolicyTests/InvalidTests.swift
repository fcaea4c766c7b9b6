import Testing
import VestigePolicy

@Suite("Policies that are refused")
struct InvalidTests {
    /// Each file's first lines, as long as they are comments, are the expected messages in order.
    @Test("a bad policy is refused with exactly the messages on its first lines", arguments: try PolicyFiles.names(in: "Invalid"))
    func refused(name: String) throws {
        let bytes = try PolicyFiles.bytes("Tests/VestigePolicyTests/Invalid/\(name)")
        let expected = String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix { $0.hasPrefix("# ") }
            .map { "\(name):\($0.dropFirst(2))" }
        let error = #expect(throws: PolicyError.self) { try Policy.parse(bytes, file: name) }
        #expect(!expected.isEmpty)
        #expect(error?.problems.map(\.description) == expected)
    }

    @Test("there are at least thirty of them")
    func count() throws {
        #expect(try PolicyFiles.names(in: "Invalid").count >= 30)
    }
}
