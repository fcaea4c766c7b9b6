import AsyncAlgorithms
import Hummingbird
import NIOCore
import Synchronization

/// A body that is pushed piece by piece while it is sent: the next piece is made when the client has taken the one before, so that any size takes
/// the memory of one. The response begins with the first piece; what fails before it can still be answered as a problem.
final class PushedBody: Sendable {
    typealias Push = @Sendable (_ write: @escaping @Sendable ([UInt8]) async throws -> Void) async throws -> Void

    private static let partByteCount = 64 * 1024

    private let pieces = AsyncThrowingChannel<[UInt8], any Error>()
    private let pushing: Task<Void, Never>

    private init(onBreak: @escaping @Sendable (any Error) -> Void, _ push: @escaping Push) {
        pushing = Task { [pieces] in
            let hasBegun = Mutex(false)
            do {
                try await push { piece in
                    // In parts, so that a client who takes them slowly is seen to take them.
                    for start in stride(from: 0, to: piece.count, by: Self.partByteCount) {
                        await pieces.send(Array(piece[start..<min(start + Self.partByteCount, piece.count)]))
                        hasBegun.withLock { $0 = true }
                        // Nobody reads any more.
                        try Task.checkCancellation()
                    }
                }
                pieces.finish()
            } catch {
                // Whoever goes away has cancelled it.
                if hasBegun.withLock({ $0 }), !Task.isCancelled { onBreak(error) }
                pieces.fail(error)
            }
        }
    }

    /// Whoever goes away before the end lets nothing go on.
    deinit { pushing.cancel() }

    /// - Parameter onBreak: what fails after the first piece can be told to nobody else.
    /// - Throws: what `push` throws before its first piece.
    static func begin(
        onBreak: @escaping @Sendable (any Error) -> Void = { _ in }, push: @escaping Push
    ) async throws -> ResponseBody {
        let body = PushedBody(onBreak: onBreak, push)
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
