import Testing

@testable import VestigeServer

@Suite("Bodies that are pushed")
struct PushedBodyTests {
    private struct Trouble: Error {}

    @Test("what fails before the first piece is no answer that breaks off")
    func early() async {
        await #expect(throws: Trouble.self) { _ = try await PushedBody.begin { _ in throw Trouble() } }
    }

    @Test("what nobody takes any more is not made any more")
    func dropped() async throws {
        let (ends, ended) = AsyncStream.makeStream(of: Int.self)
        func begin() async throws {
            _ = try await PushedBody.begin { write in
                var count = 0
                defer {
                    ended.yield(count)
                    ended.finish()
                }
                while true {
                    count += 1
                    try await write([UInt8](repeating: 0, count: 1024))
                }
            }
        }
        try await begin()
        let counts = await ends.reduce(into: []) { $0.append($1) }
        #expect(counts.count == 1)
        #expect((counts.first ?? .max) <= 3, "no further than the client has taken")
    }
}
