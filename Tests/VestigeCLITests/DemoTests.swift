import Testing

@Suite("vestige demo")
struct DemoTests {
    @Test("every answer is the one that was sent, and the trail verifies")
    func answers() throws {
        let scratch = try Scratch()
        let result = try Program.shell("TMPDIR=. vestige demo && ls -A", in: scratch.path)
        #expect(result.exit == 0, "\(result.output.suffix(400))")
        for heading in [
            "Who viewed this person?", "whom could they see?", "Looks that were refused", "They ask to be erased", "An actor is erased",
            "verdict  intact",
        ] {
            #expect(result.output.contains(heading))
        }
        // Its directory is gone: the last line of the demo is the last of all.
        #expect(result.output.hasSuffix("signed and intact\n"))
    }
}
