import VestigeInquiry

/// One connection's worth of entries: sent in order, then confirmed together.
struct SinkLap {
    let feed: SinkFeed
    let limits: SinkLimits
    let stopsAtEnd: Bool
    let isStopping: StopFlag

    /// - Parameter confirm: called with the place up to which everything has arrived.
    /// - Throws: ``StreamError`` and what `confirm` throws.
    func run(_ connection: any SinkConnection, from start: UInt64, confirm: (UInt64) async throws -> Void) async throws {
        let clock = ContinuousClock()
        let begun = clock.now
        var next = start
        var last = clock.now
        while !isStopping.isRaised {
            try Task.checkCancellation()
            let batch = try await feed.batch(from: next)
            if batch.next > next {
                if !batch.lines.isEmpty { try await connection.send(batch.lines) }
                next = batch.next
                last = clock.now
                if connection.confirmsEachSend { try await confirm(next) }
            }
            guard connection.confirmsEachSend else {
                if next - start >= limits.lapEntryCount || last - begun >= limits.lapTime { break }
                guard batch.reachesEnd else { continue }
                if stopsAtEnd || clock.now - last >= limits.idleTime { break }
                guard connection.isOpen else { break }
                try await Task.sleep(for: min(limits.pollTime, limits.idleTime))
                continue
            }
            if batch.reachesEnd {
                if stopsAtEnd { break }
                try await Task.sleep(for: limits.pollTime)
            }
        }
        try await connection.finish()
        if next > start, !connection.confirmsEachSend { try await confirm(next) }
    }
}
