import ArgumentParser
import Foundation
import VestigeCore
import VestigeLocal

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Records entries from stdin, one JSON object a line.",
        discussion: """
            Each line gets a line on stdout, in the same order and only after it is durable: {"id","seq","status":"recorded"}, or \
            {"line":N,"error"} when it was refused. The rest is recorded all the same; exit 1 if any was refused. The same id twice is \
            recorded once. A line has at most 60 KiB.
            """)

    @OptionGroup var location: PlaceOptions

    func run() async throws {
        let failures = try await location.open { vestige in
            let lines = LineReader(file: STDIN_FILENO, byteCountMax: EntryReader.byteCountMax)
            return try await LineRecorder(recorder: vestige.recorder).run({ try await lines.next() }) { Output.bytes($1.text(line: $0)) }
        }
        guard failures == 0 else {
            throw Failure.refused("\(failures.counted("line was", "lines were")) not recorded; the others were")
        }
    }
}
