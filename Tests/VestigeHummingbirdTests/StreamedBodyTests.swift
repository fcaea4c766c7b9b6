import Hummingbird
import Synchronization
import Testing
import VestigeCore
import VestigeTesting
import VestigeTrail

@testable import VestigeHummingbird

private let exportRoute = #"{ match: "GET /export", record: user, event: exported }"#
private let openRoute = #"{ match: "GET /open", unlogged: "a stream" }"#
private let pageCount = 5
private let rowCount = 4

@Suite("Streamed bodies")
struct StreamedBodyTests {
    /// People in pages of four, each page looked up when its turn comes.
    private static func export(
        _ host: StoreHost, says: Bool = true, before: @escaping @Sendable (_ page: Int) async throws -> Void = { _ in },
        after: @escaping @Sendable (_ page: Int) async throws -> Void = { _ in }
    ) -> @Sendable (Request, TestContext) async throws -> Response {
        { _, context in
            if says { context.recording.namesPersonsWhileStreaming() }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    for page in 0..<pageCount {
                        try await before(page)
                        let rows = try await host.people.list(page * rowCount..<(page + 1) * rowCount, showing: ["name"])
                        try await after(page)
                        try await writer.write(ByteBuffer(string: rows.map { "\($0.id)\n" }.joined()))
                    }
                    try await writer.finish(nil)
                })
        }
    }

    private func get(
        _ host: StoreHost, _ handler: @escaping @Sendable (Request, TestContext) async throws -> Response, at path: String = "/export"
    )
        async throws -> RawConnection.Answer
    {
        let router = host.router { $0.get(RouterPath(path), use: handler) }
        let answer = try await serve(router) { port in
            try await onThread {
                let connection = try RawConnection(port: port)
                try connection.send("GET", path, headers: ["X-Test-Actor": "900", "X-Purpose": "support"])
                return try connection.readAnswer()
            }
        }
        #expect(try await host.vestige.trail.verify().verdict == .intact)
        return answer
    }

    private static func ids(of page: Int) -> [String] { (page * rowCount + 1...(page + 1) * rowCount).map(String.init) }

    @Test("leave the route's entry and one for each page, with the route's event, under one correlation id")
    func pages() async throws {
        let host = try await StoreHost(exportRoute)
        let answer = try await get(host, Self.export(host))
        #expect(answer.isWhole)
        #expect(answer.text.split(separator: "\n").count == pageCount * rowCount)
        let acts = try await host.recorded()
        #expect(acts.map(\.people) == [[]] + (0..<pageCount).map(Self.ids))
        #expect(acts.allSatisfy { $0.header.event == "exported" && $0.header.status == .success && $0.actor == "900" })
        #expect(Set(acts.map(\.header.correlationID)).count == 1)
        #expect(acts[0].header.correlationID != nil)
        #expect(acts.allSatisfy { $0.header.purpose == "support" })
        #expect(acts.dropFirst().allSatisfy { $0.header.fields == ["name"] && $0.page == "/export" })
    }

    @Test("have each page's entry durable before the page's bytes leave")
    func durableFirst() async throws {
        let host = try await StoreHost(exportRoute)
        let counts = Mutex<[Int]>([])
        _ = try await get(
            host,
            Self.export(host) { _ in
            } after: { _ in
                let count = try await host.recorded().count
                counts.withLock { $0.append(count) }
            })
        #expect(counts.withLock { $0 } == (0..<pageCount).map { $0 + 2 })
    }

    @Test("are cut before the rows that could not be recorded", arguments: 0..<pageCount)
    func cut(at stop: Int) async throws {
        let host = try await StoreHost(exportRoute)
        let answer = try await get(
            host,
            Self.export(host) { page in
                if page == stop { host.vestige.trailStore.failNextCommits(1) }
            })
        #expect(answer.status == 200)
        #expect(!answer.isWhole)
        #expect(answer.text.split(separator: "\n").map(String.init) == (0..<stop).flatMap(Self.ids))
        #expect(try await host.recorded().map(\.people) == [[]] + (0..<stop).map(Self.ids))
    }

    @Test("are not begun when the route's own entry cannot be recorded")
    func notBegun() async throws {
        let host = try await StoreHost(exportRoute)
        let looked = Mutex(false)
        let export = Self.export(host) { _ in looked.withLock { $0 = true } }
        let answer = try await get(host) { request, context in
            host.vestige.trailStore.failNextCommits(1)
            return try await export(request, context)
        }
        #expect(answer.status == 503)
        #expect(answer.isWhole)
        #expect(!looked.withLock { $0 })
        #expect(try await host.recorded().isEmpty)
    }

    @Test("must be said to name their persons, else nothing is shown")
    func mustSay() async throws {
        let host = try await StoreHost(exportRoute)
        let answer = try await get(host, Self.export(host, says: false))
        #expect(answer.status == 503)
        #expect(answer.text.contains("urn:vestige:problem:subject-missing"))
        #expect(try await host.recorded().map(\.header.status) == [.failure])
    }

    @Test("of an unlogged route are recorded as reads")
    func unlogged() async throws {
        let host = try await StoreHost(openRoute)
        let answer = try await get(host, Self.export(host, says: false), at: "/open")
        #expect(answer.isWhole)
        let acts = try await host.recorded()
        #expect(acts.map(\.people) == (0..<pageCount).map(Self.ids))
        #expect(acts.allSatisfy { $0.header.event == "read" && $0.actor == "900" })
    }

    @Test("whose length is said beforehand are recorded page by page too")
    func knownLength() async throws {
        let host = try await StoreHost(exportRoute)
        let answer = try await get(host) { _, context in
            context.recording.namesPersonsWhileStreaming()
            return Response(
                status: .ok,
                body: ResponseBody(contentLength: 2) { [people = host.people] writer in
                    for id in ["7", "8"] { try await writer.write(ByteBuffer(string: try await people.fetch(id: id)?.id ?? "")) }
                    try await writer.finish(nil)
                })
        }
        #expect(answer.text == "78")
        #expect(try await host.recorded().map(\.people) == [[], ["7"], ["8"]])
    }

    @Test("that look somebody up without having said that they stream show nothing of it")
    func unsaidLength() async throws {
        let host = try await StoreHost(openRoute)
        let answer = try await get(
            host,
            { _, _ in
                Response(
                    status: .ok,
                    body: ResponseBody(contentLength: 1) { [people = host.people] writer in
                        try await writer.write(ByteBuffer(string: try await people.fetch(id: "7")?.id ?? ""))
                        try await writer.finish(nil)
                    })
            }, at: "/open")
        #expect(answer.text.isEmpty)
        #expect(try await host.recorded().isEmpty)
    }
}
