public import Logging
import NIOSSL
public import ServiceLifecycle
import Synchronization
public import VestigeInquiry
public import VestigeLocal
import VestigePolicy

/// Carries a trail's entries to one sink of its policy: every one at least once, in order, from where the last run had come to.
///
/// It reads the trail from behind and by place: a sink that is slow, or down, makes nobody wait but itself, and
/// ``LocalVestige/sinkStandings()`` shows how far behind it is. An entry that arrives twice bears the same id both times.
public struct SinkService: Service, CustomStringConvertible {
    private let vestige: LocalVestige
    private let feed: SinkFeed
    private let asker: Asker
    private let limits: SinkLimits
    private let transport: any SinkTransport
    private let log: Logger
    private let stopsAtEnd: Bool

    public var description: String { "sink \(feed.name)" }

    /// - Parameters:
    ///   - sink: one of the adopted policy's.
    ///   - asker: for whom entries leave; needs the right `export`. Each start is an entry.
    ///   - tenant: as lines name it; the trail's origin if left out.
    ///   - stopsAtEnd: ends once everything that stands has arrived, instead of waiting for more.
    /// - Throws: ``LocalError/noSuchSink(_:known:)``, ``StreamError/badCertificates(_:)``
    public init(
        _ vestige: LocalVestige, sink: String, asker: Asker, tenant: String? = nil, tls: SinkTLS = SinkTLS(),
        limits: SinkLimits = SinkLimits(), stopsAtEnd: Bool = false, log: Logger
    ) throws {
        self.vestige = vestige
        feed = try vestige.sinkFeed(sink, tenant: tenant)
        self.asker = asker
        self.limits = limits
        self.stopsAtEnd = stopsAtEnd
        self.log = log
        transport =
            switch feed.rule.destination {
            case .tcp(let host, let port): SyslogTransport(host: host, port: port, tls: nil, limits: limits)
            case .tls(let host, let port):
                SyslogTransport(host: host, port: port, tls: try SyslogTransport.context(tls), limits: limits)
            case .file(let directory): FileTransport(directory: directory, sink: sink, byteCountMax: limits.fileByteCountMax)
            }
    }

    /// Until it is told to stop: then what was sent is confirmed first. A cancelled task leaves it to the next run.
    ///
    /// - Throws: ``LocalError/otherStream(_:)``, and what keeps the trail or the desk from being read. A sink that is down is tried again.
    public func run() async throws {
        let isStopping = StopFlag()
        try await withGracefulShutdownHandler {
            try await carry(isStopping)
        } onGracefulShutdown: {
            isStopping.raise()
        }
    }

    private func carry(_ isStopping: StopFlag) async throws {
        var cursor = try await vestige.sinkCursor(of: feed.name)
        try await vestige.recordStreaming(to: feed.name, from: cursor.next, by: asker)
        var pause = limits.pauseMin
        var isTroubled = false
        while !isStopping.isRaised {
            try Task.checkCancellation()
            do {
                guard try await isBehind(cursor, isStopping) else { return }
                let lap = SinkLap(feed: feed, limits: limits, stopsAtEnd: stopsAtEnd, isStopping: isStopping)
                let connection = try await transport.open()
                do {
                    try await lap.run(connection, from: cursor.next) { arrived in
                        cursor = try await vestige.moveSink(feed.name, cursor, to: arrived)
                        pause = limits.pauseMin
                        if isTroubled { log.info("entries arrive again", metadata: ["sink": "\(feed.name)", "next": "\(arrived)"]) }
                        isTroubled = false
                        log.debug("entries have arrived", metadata: ["sink": "\(feed.name)", "next": "\(arrived)"])
                    }
                } catch {
                    await connection.abort()
                    throw error
                }
            } catch let error as StreamError {
                isTroubled = true
                log.warning("\(error)", metadata: ["sink": "\(feed.name)", "next": "\(cursor.next)"])
                if isStopping.isRaised { return }
                try await sleep(pause, isStopping)
                pause = min(pause * 2, limits.pauseMax)
            }
        }
    }

    /// Waits until there is something to send; false when there is nothing and nobody wants to wait.
    private func isBehind(_ cursor: SinkCursor, _ isStopping: StopFlag) async throws -> Bool {
        while !isStopping.isRaised {
            let batch = try await feed.batch(from: cursor.next, limit: 1)
            if !batch.reachesEnd || batch.firstRecordedAt != nil { return true }
            if stopsAtEnd { return false }
            try await Task.sleep(for: limits.pollTime)
        }
        return false
    }

    private func sleep(_ time: Duration, _ isStopping: StopFlag) async throws {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !isStopping.isRaised { try await Task.sleep(for: min(limits.pollTime, time)) }
    }
}

/// Raised once somebody wants it to end.
final class StopFlag: Sendable {
    private let state = Mutex(false)

    var isRaised: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}
