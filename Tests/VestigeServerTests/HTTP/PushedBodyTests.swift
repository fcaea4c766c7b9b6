import Testing

@testable import VestigeServer

@Suite("Bodies that are pushed")
struct PushedBodyTests {
    private struct Trouble: Error {}

    @Test("what fails before the first piece is no answer that breaks off")
    func early() async {
        await #expect(throws: Trouble.self) { _ = try await PushedBody.begin { _ in throw Trouble() } }
    }

    @Test("what fails after the first piece is told to whoever watches, since the answer has begun")
    func late() async throws {
        let (broken, breaks) = AsyncStream.makeStream(of: Bool.self)
        let body = try await PushedBody.begin {
            breaks.yield($0 is Trouble)
            breaks.finish()
        } push: { write in
            try await write([1])
            throw Trouble()
        }
        var told: [Bool] = []
        for await isTrouble in broken { told.append(isTrouble) }
        #expect(told == [true])
        withExtendedLifetime(body) {}
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
