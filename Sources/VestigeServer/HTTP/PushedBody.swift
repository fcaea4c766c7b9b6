import AsyncAlgorithms
import Hummingbird
import NIOCore

/// A body that is pushed piece by piece while it is sent: the next piece is made when the client has taken the one before, so that any size takes
/// the memory of one. The response begins with the first piece; what fails before it can still be answered as a problem.
final class PushedBody: Sendable {
    private let pieces = AsyncThrowingChannel<[UInt8], any Error>()
    private let pushing: Task<Void, Never>

    private init(_ push: @escaping @Sendable (_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void) {
        pushing = Task { [pieces] in
            do {
                try await push { piece in
                    guard !piece.isEmpty else { return }
                    await pieces.send(piece)
                    // Nobody reads any more.
                    try Task.checkCancellation()
                }
                pieces.finish()
            } catch {
                pieces.fail(error)
            }
        }
    }

    /// Whoever goes away before the end lets nothing go on.
    deinit { pushing.cancel() }

    /// - Throws: what `push` throws before its first piece.
    static func begin(
        _ push: @escaping @Sendable (_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void
    ) async throws -> ResponseBody {
        let body = PushedBody(push)
        var pieces = body.pieces.makeAsyncIterator()
        let first = try await pieces.next()
        return ResponseBody { writer in
            defer { withExtendedLifetime(body) {} }
            guard let first else { return try await writer.finish(nil) }
            try await writer.write(ByteBuffer(bytes: first))
            var rest = body.pieces.makeAsyncIterator()
            while let piece = try await rest.next() { try await writer.write(ByteBuffer(bytes: piece)) }
            try await writer.finish(nil)
        }
    }
}
