import VestigeTrail

/// One line of many, as it came from stdin or in the body of a request.
package enum EntryLine: Sendable, Equatable {
    /// Without its newline.
    case bytes([UInt8])
    case tooLong
}

/// Records lines side by side: they stand in the trail in their order, and their outcomes come in it.
package struct LineRecorder: Sendable {
    private let recorder: Recorder
    private let window = RecordingWindow()

    package init(recorder: Recorder) {
        self.recorder = recorder
    }

    /// - Parameters:
    ///   - next: gives one line after the other; `nil` after the last one.
    ///   - each: gets each outcome once it is durable, with the line's number from 1.
    /// - Returns: how many lines were not recorded.
    package func run(
        _ next: () async throws -> EntryLine?, each: @escaping @Sendable (_ line: Int, RecordedLine) -> Void
    ) async throws -> Int {
        let (outcomes, queue) = AsyncStream.makeStream(of: (line: Int, outcome: Task<RecordedLine, Never>).self)
        let printer = Task { [window] in
            var failures = 0
            for await (line, outcome) in outcomes {
                let recorded = await outcome.value
                if case .failed = recorded { failures += 1 }
                each(line, recorded)
                await window.leave()
            }
            return failures
        }
        do {
            try await read(next, into: queue)
        } catch {
            queue.finish()
            _ = await printer.value
            throw error
        }
        queue.finish()
        return await printer.value
    }

    private func read(
        _ next: () async throws -> EntryLine?, into queue: AsyncStream<(line: Int, outcome: Task<RecordedLine, Never>)>.Continuation
    ) async throws {
        var number = 0
        var before = RecordingTurn()
        before.pass()
        // Lines under way by their id: the second of two with one id waits until the first is recorded. Older ones are done.
        var latest: [EntryID: (line: Int, task: Task<RecordedLine, Never>)] = [:]
        while let line = try await next() {
            number += 1
            guard let entry = LineRecorder.parse(line) else { continue }
            await window.enter()
            let id = (try? entry.get())?.id
            let earlier = id.flatMap { latest[$0]?.task }
            let own = RecordingTurn()
            let task = Task { [recorder, before] in
                _ = await earlier?.value
                let outcome = await LineRecorder.record(entry, with: recorder, after: before, passing: own)
                // A line that was refused took no place; the next one still waits for those before it.
                await before.wait()
                own.pass()
                return outcome
            }
            before = own
            if let id { latest[id] = (number, task) }
            if latest.count > 4 * RecordingWindow.standardSize {
                latest = latest.filter { $0.value.line > number - RecordingWindow.standardSize }
            }
            queue.yield((number, task))
        }
    }

    /// `nil` for a line with nothing on it.
    private static func parse(_ line: EntryLine) -> Result<Entry, RecordingError>? {
        switch line {
        case .tooLong:
            return .failure(.refused(member: "entry", problem: "the line is over \(EntryReader.byteCountMax) bytes; shorten it"))
        case .bytes(let bytes):
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
            return Result { () throws(RecordingError) in try EntryReader.read(bytes) }
        }
    }

    private static func record(
        _ entry: Result<Entry, RecordingError>, with recorder: Recorder, after before: RecordingTurn, passing own: RecordingTurn
    ) async -> RecordedLine {
        do {
            return .recorded(try await recorder.record(try entry.get(), turn: { await before.wait() }, queued: { own.pass() }))
        } catch let error as RecordingError {
            return .failed(error)
        } catch {
            return .failed(.unavailable("\(error)"))
        }
    }
}
