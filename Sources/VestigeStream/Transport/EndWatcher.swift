import NIOCore
import Synchronization

/// Notices how a connection ends: in order, or by an error. What the receiver says on the way is nothing to us.
final class EndWatcher: Sendable {
    enum GivenUp: Error { case givenUp }

    /// Succeeds when the other side has ended in order.
    let ended: EventLoopPromise<Void>
    private let state = Mutex(State())

    private struct State {
        var hasEnded = false
        var failure: String?
    }

    init(_ loop: any EventLoop) { ended = loop.makePromise() }

    deinit { ended.fail(GivenUp.givenUp) }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    var failure: String? { state.withLock { $0.failure } }
    var handler: Handler { Handler(self) }

    /// Nobody waits any longer.
    func giveUp() { ended.fail(GivenUp.givenUp) }

    private func fail(_ error: any Error) {
        state.withLock { state in
            state.failure = state.failure ?? "\(error)"
            state.hasEnded = true
        }
        ended.fail(error)
    }

    private func end() {
        let failure = state.withLock { state in
            state.hasEnded = true
            return state.failure
        }
        // A promise keeps the first answer.
        if failure == nil { ended.succeed() }
    }

    final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let watcher: EndWatcher

        init(_ watcher: EndWatcher) { self.watcher = watcher }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { watcher.end() }
            context.fireUserInboundEventTriggered(event)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            watcher.fail(error)
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            watcher.end()
            context.fireChannelInactive()
        }
    }
}
