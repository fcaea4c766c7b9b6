import Hummingbird
import Logging
import NIOCore
import VestigeTesting

/// A small witness on a real socket.
enum WitnessServer {
    /// Serves `add-checkpoint` under `/w1` while `body` runs.
    static func serve<Outcome: Sendable>(
        _ witness: InMemoryWitness, _ body: @escaping @Sendable (_ url: String) async throws -> Outcome
    ) async throws -> Outcome {
        try await serve(
            answering: { request in
                let bytes = try await request.body.collect(upTo: 1 << 16)
                let answer = witness.addCheckpoint(String(buffer: bytes))
                return Response(
                    status: .init(code: answer.status), headers: [.contentType: answer.contentType],
                    body: .init(byteBuffer: ByteBuffer(string: answer.body)))
            }, body)
    }

    /// Answers with pieces of 64 KiB and does not say beforehand how many.
    ///
    /// - Parameter sent: called for each piece that went out.
    static func serve<Outcome: Sendable>(
        pieces: Int, sent: @escaping @Sendable () -> Void, _ body: @escaping @Sendable (_ url: String) async throws -> Outcome
    ) async throws -> Outcome {
        try await serve(
            answering: { _ in
                Response(
                    status: .ok,
                    body: ResponseBody { writer in
                        for _ in 0..<pieces {
                            try await writer.write(ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 16))
                            sent()
                        }
                        try await writer.finish(nil)
                    })
            }, body)
    }

    private static func serve<Outcome: Sendable>(
        answering answer: @escaping @Sendable (Request) async throws -> Response,
        _ body: @escaping @Sendable (_ url: String) async throws -> Outcome
    ) async throws -> Outcome {
        let router = Router()
        router.post("w1/add-checkpoint") { request, _ in try await answer(request) }
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "witness")
        logger.logLevel = .critical
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in running.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        return try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                var port = ports.makeAsyncIterator()
                return try await body("http://127.0.0.1:\(await port.next() ?? 0)/w1")
            }
            var outcome: Outcome?
            while let result = try await group.next() {
                outcome = result ?? outcome
                group.cancelAll()
            }
            guard let outcome else { throw CancellationError() }
            return outcome
        }
    }
}
