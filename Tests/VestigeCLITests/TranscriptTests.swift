import Foundation
import TestSupport
import Testing

@Suite("Transcripts")
struct TranscriptTests {
    static let directory = Checkout.path("Tests/VestigeCLITests/Transcripts")
    static var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".txt") }.sorted()) ?? []
    }

    /// `VESTIGE_UPDATE_TRANSCRIPTS=1` writes what the program prints; read the difference before you keep it.
    @Test("the program prints what the transcript says", arguments: names)
    func replays(name: String) async throws {
        let path = TranscriptTests.directory + "/" + name
        let expected = Transcript(try String(contentsOfFile: path, encoding: .utf8))
        let scratch = try Scratch()
        let found = try await expected.replayed(in: scratch.path)
        if ProcessInfo.processInfo.environment["VESTIGE_UPDATE_TRANSCRIPTS"] != nil {
            try found.text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        for (expected, found) in zip(expected.steps, found.steps) {
            #expect(found.output == expected.output, "\(name): $ \(expected.command)")
            #expect(found.exit == expected.exit, "\(name): $ \(expected.command)")
        }
    }

    @Test("there are transcripts")
    func exist() {
        #expect(TranscriptTests.names.count >= 5)
    }
}
