import Dispatch
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import VestigeInquiry
import VestigePolicy

/// RFC 5424 over TCP with octet counting (RFC 6587 §3.4.1), over TLS if there is one (RFC 5425).
///
/// Syslog knows no acknowledgement. What was read is known by the end of a connection only: once every byte is acknowledged by the receiver's
/// machine we close our side, and a receiver that has read everything closes its own in answer; one that closes or dies with something unread
/// resets the connection, and its machine says so. Docs/Decisions/0047.
struct SyslogTransport: SinkTransport {
    let host: String
    let port: Int
    let tls: NIOSSLContext?
    let limits: SinkLimits

    func open() async throws -> any SinkConnection {
        let (host, port, limits) = (host, port, limits)
        let socket = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(
                    with: Result { try ConnectedSocket.connect(host: host, port: port, within: limits.connectTime) })
            }
        }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let watcher = EndWatcher(loop)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop).channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { [tls] channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            // A literal address is no server name; it is then compared with the certificate's addresses.
                            let name = (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
                            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: name))
                        }
                        try channel.pipeline.syncOperations.addHandler(watcher.handler)
                    }
                }.withConnectedSocket(socket.descriptor).get()
        } catch {
            close(socket)
            throw StreamError.unreachable("\(error)")
        }
        return SyslogConnection(channel: channel, socket: socket, watcher: watcher, limits: limits)
    }

    private func close(_ socket: ConnectedSocket) { socket.closeObserver() }

    /// - Throws: ``StreamError/badCertificates(_:)``
    static func context(_ files: SinkTLS) throws(StreamError) -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            if let authorities = files.authorities { configuration.trustRoots = .file(authorities) }
            if let certificate = files.certificate {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key ?? certificate, format: .pem))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw .badCertificates("\(error)")
        }
    }
}

/// A connection to a syslog receiver.
final class SyslogConnection: SinkConnection {
    private let channel: any Channel
    private let socket: ConnectedSocket
    private let watcher: EndWatcher
    private let limits: SinkLimits
    private let isObserved = Mutex(true)

    init(channel: any Channel, socket: ConnectedSocket, watcher: EndWatcher, limits: SinkLimits) {
        self.channel = channel
        self.socket = socket
        self.watcher = watcher
        self.limits = limits
    }

    deinit { closeObserver() }

    var confirmsEachSend: Bool { false }
    var isOpen: Bool { channel.isActive && !watcher.hasEnded }

    func send(_ lines: [SinkLine]) async throws {
        var buffer = channel.allocator.buffer(capacity: lines.reduce(0) { $0 + $1.bytes.count + 8 })
        for line in lines {
            buffer.writeString("\(line.bytes.count) ")
            buffer.writeBytes(line.bytes)
        }
        let isStalled = StopFlag()
        let stall = channel.eventLoop.scheduleTask(in: TimeAmount(limits.stallTime)) { [channel] in
            isStalled.raise()
            channel.close(mode: .all, promise: nil)
        }
        defer { stall.cancel() }
        do {
            try await channel.writeAndFlush(buffer)
        } catch {
            throw isStalled.isRaised
                ? StreamError.stalled(seconds: limits.stallTime.wholeSeconds) : StreamError.cut("\(watcher.failure ?? "\(error)")")
        }
    }

    func finish() async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limits.finishTime
        var pause = Duration.milliseconds(1)
        // Before our side is closed: an end that comes from the other side on its own account is then known to come after the last byte.
        while socket.unacknowledged > 0 {
            guard channel.isActive else { throw StreamError.cut(watcher.failure ?? "it was closed") }
            guard clock.now < deadline else { throw StreamError.stalled(seconds: limits.finishTime.wholeSeconds) }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        if channel.isActive, !watcher.hasEnded { try? await channel.close(mode: .output) }
        let late = channel.eventLoop.scheduleTask(in: TimeAmount(clock.now.duration(to: deadline))) { [watcher] in watcher.giveUp() }
        defer { late.cancel() }
        do {
            try await watcher.ended.futureResult.get()
        } catch EndWatcher.GivenUp.givenUp {
            await abort()
            throw StreamError.unconfirmed(seconds: limits.finishTime.wholeSeconds)
        } catch {
            await abort()
            throw StreamError.cut(watcher.failure ?? "\(error)")
        }
        await abort()
    }

    func abort() async {
        try? await channel.close(mode: .all)
        closeObserver()
    }

    private func closeObserver() {
        let isFirst = isObserved.withLock { isObserved in
            defer { isObserved = false }
            return isObserved
        }
        if isFirst { socket.closeObserver() }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let parts = duration.components
        self = .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
    }
}
