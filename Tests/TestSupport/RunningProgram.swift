import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A program that goes on while the test does something else. It is killed with its last reference.
public final class RunningProgram: Sendable {
    public let pid: Int32
    private let inputs: AsyncStream<String>.Continuation
    private let lines: Lines
    private let isOver: Flag
    private let ending: Task<Int32, any Error>

    /// Starts one command, in the words of a shell, with `vestige` on its path. Its stderr goes nowhere.
    public static func start(_ command: String, in directory: String) async throws -> RunningProgram {
        // A program that is gone shows when it is waited for, not by ending the tests that write to it.
        signal(SIGPIPE, SIG_IGN)
        let (texts, inputs) = AsyncStream<String>.makeStream()
        let (received, line) = AsyncStream<String>.makeStream()
        let (pids, pid) = AsyncStream<Int32>.makeStream()
        let isOver = Flag()
        let ending = Task {
            defer {
                pid.finish()
                line.finish()
            }
            let result = try await Subprocess.run(
                .path("/bin/sh"), arguments: ["-c", "exec " + command], environment: Program.environment,
                workingDirectory: FilePath(directory), input: .inputWriter, output: .sequence, error: .discarded
            ) { execution in
                pid.yield(execution.processIdentifier.value)
                async let writing: Void = {
                    for await text in texts { _ = try? await execution.standardInputWriter.write(text) }
                    try? await execution.standardInputWriter.finish()
                }()
                for try await text in execution.standardOutput.strings() { line.yield(text) }
                // From here on its number may be another's.
                isOver.raise()
                inputs.finish()
                await writing
            }
            return Program.exit(result.terminationStatus)
        }
        for await number in pids {
            return RunningProgram(pid: number, inputs: inputs, lines: Lines(received), isOver: isOver, ending: ending)
        }
        // Without a process there is only the reason why.
        throw NotStarted(status: try await ending.value)
    }

    private init(
        pid: Int32, inputs: AsyncStream<String>.Continuation, lines: Lines, isOver: Flag, ending: Task<Int32, any Error>
    ) {
        self.pid = pid
        self.inputs = inputs
        self.lines = lines
        self.isOver = isOver
        self.ending = ending
    }

    deinit {
        inputs.finish()
        kill(SIGKILL)
    }

    public func write(_ text: String) { inputs.yield(text) }

    /// The next line of its stdout, without its end; `nil` when there is no more.
    public func nextLine() async -> String? { await lines.next() }

    /// What is left of its stdout, once it has ended.
    public func remainingLines() async -> [String] {
        var all: [String] = []
        while let line = await lines.next() { all.append(line) }
        return all
    }

    public func kill(_ signal: Int32) {
        if !isOver.isRaised { _ = Glibc.kill(pid, signal) }
    }

    /// Waits for its end.
    ///
    /// - Returns: the exit status, as ``Program/Result/exit`` has it.
    public func exit() async throws -> Int32 { try await ending.value }

    /// Closes its stdin and waits for its end.
    public func end() async throws -> Int32 {
        inputs.finish()
        return try await exit()
    }
}

/// The program could not be started.
struct NotStarted: Error {
    let status: Int32
}

/// Lines of output, each given to one asker.
private actor Lines {
    private var waiting: AsyncStream<String>.Iterator

    init(_ stream: AsyncStream<String>) { waiting = stream.makeAsyncIterator() }

    func next() async -> String? {
        var iterator = waiting
        let line = await iterator.next(isolation: self)
        waiting = iterator
        return line
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() { value.store(true, ordering: .releasing) }
}
