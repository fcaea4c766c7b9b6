import TestSupport
import Testing

@Suite("vestige demo")
struct DemoTests {
    @Test("every answer is the one that was sent, and the trail verifies")
    func answers() async throws {
        let scratch = try Scratch()
        let result = try await Program.shell("TMPDIR=. vestige demo && ls -A", in: scratch.path)
        #expect(result.exit == 0, "\(result.output.suffix(400))")
        for heading in [
            "Who viewed this person?", "What was changed, from what to what?", "Lists and files show people too",
            "No change without its entry", "Who looked when nobody was there?", "whom could they see?", "Looks that were refused",
            "They ask to be erased", "An actor is erased", "verdict  intact",
        ] {
            #expect(result.output.contains(heading))
        }
        #expect(result.output.contains("acts went through the outbox, 0 wait in it"))
        #expect(result.output.contains("(system/nightly)"))
        #expect(result.output.contains("the host's own row can no longer be read, and everybody else's still can"))
        #expect(result.output.contains("no pseudonym, stands in the host's database file: not now, and not before"))
        // Every part says what was checked.
        let lines = result.output.split(separator: "\n")
        let parts = lines.split { $0.hasPrefix("───") }.dropFirst()
        #expect(parts.count == 11)
        #expect(parts.allSatisfy { part in part.contains { $0.hasPrefix("  ✓") } })
        // Its directory is gone: the last line of the demo is the last of all.
        #expect(result.output.hasSuffix("signed and intact\n"))
    }
}
