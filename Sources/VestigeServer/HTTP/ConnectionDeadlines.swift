import NIOCore
import NIOHTTPTypes

/// Closes a connection whose client is too slow: with the head of a request, with its body, or in taking its answer. A client that sends a
/// byte now and then gains no time by it.
final class ConnectionDeadlines: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let head: TimeAmount
    private let body: TimeAmount
    private let idle: TimeAmount
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    /// Requests whose answer is not written to its end; more than one where a client does not wait for answers.
    private var openCount = 0

    init(_ configuration: ServiceConfiguration) {
        head = .seconds(Int64(configuration.headSeconds))
        body = .seconds(Int64(configuration.bodySeconds))
        idle = .seconds(Int64(configuration.idleSeconds))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        reading = close(context, in: head)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            openCount += 1
            reading?.cancel()
            reading = close(context, in: body)
        case .end:
            reading?.cancel()
            reading = nil
        case .body: break
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            openCount -= 1
            if openCount == 0, reading == nil { reading = close(context, in: idle) }
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing = context.channel.isWritable ? nil : close(context, in: body)
        context.fireChannelWritabilityChanged()
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
