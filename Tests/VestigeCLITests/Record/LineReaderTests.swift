import Foundation
import Testing
import VestigeCore

@testable import VestigeCLI

@Suite("Lines of stdin")
struct LineReaderTests {
    private func lines(_ bytes: [UInt8], byteCountMax: Int) async throws -> [LineReader.Line] {
        let pipe = Pipe()
        let writer = Thread {
            try? pipe.fileHandleForWriting.write(contentsOf: Data(bytes))
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        let reader = LineReader(file: pipe.fileHandleForReading.fileDescriptor, byteCountMax: byteCountMax)
        var lines: [LineReader.Line] = []
        while let line = try await reader.next() { lines.append(line) }
        return lines
    }

    @Test("a last line without its newline counts")
    func last() async throws {
        #expect(try await lines(Array("a\n\nb".utf8), byteCountMax: 10) == [.bytes([0x61]), .bytes([]), .bytes([0x62])])
        #expect(try await lines([], byteCountMax: 10).isEmpty)
    }

    @Test("a line over the limit is one refusal, and the next line is read whole")
    func tooLong() async throws {
        let long = [UInt8](repeating: 0x78, count: 300_000)
        #expect(try await lines(long + Array("\nok\n".utf8) + long, byteCountMax: 1000) == [.tooLong, .bytes([0x6F, 0x6B]), .tooLong])
    }
}
