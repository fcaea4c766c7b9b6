import Dispatch
import Foundation
import VestigeCore
import VestigeLocal

/// Lines of a file descriptor, one after the other. A line over the limit is skipped without being kept.
final class LineReader {
    typealias Line = EntryLine

    private static let chunkByteCount = 64 * 1024

    private let file: Int32
    private let byteCountMax: Int
    private let queue = DispatchQueue(label: "vestige.record.stdin")
    private var chunk: [UInt8] = []
    private var place = 0
    private var pending: [UInt8] = []
    private var isTooLong = false
    private var isAtEnd = false

    init(file: Int32, byteCountMax: Int) {
        self.file = file
        self.byteCountMax = byteCountMax
    }

    /// The next line without its newline; `nil` at the end.
    func next() async throws -> Line? {
        while true {
            if place < chunk.count {
                let rest = chunk[place...]
                let end = rest.firstIndex(of: 0x0A)
                keep(rest[..<(end ?? rest.endIndex)])
                place = end.map { $0 + 1 } ?? chunk.count
                if end != nil { return take() }
            } else if isAtEnd {
                return pending.isEmpty && !isTooLong ? nil : take()
            } else {
                chunk = try await read()
                place = 0
                isAtEnd = chunk.isEmpty
            }
        }
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        guard !isTooLong else { return }
        if pending.count + bytes.count > byteCountMax {
            isTooLong = true
            pending = []
        } else {
            pending += bytes
        }
    }

    private func take() -> Line {
        defer {
            pending = []
            isTooLong = false
        }
        return isTooLong ? .tooLong : .bytes(pending)
    }

    /// Waiting for input blocks, so it happens on a thread of its own.
    private func read() async throws -> [UInt8] {
        let file = file
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                var buffer = [UInt8](repeating: 0, count: LineReader.chunkByteCount)
                while true {
                    let count = buffer.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress, $0.count) }
                    if count >= 0 { return continuation.resume(returning: Array(buffer[..<count])) }
                    guard errno == EINTR else {
                        return continuation.resume(
                            throwing: Failure.refused("stdin could not be read (errno \(errno)); what was recorded stands"))
                    }
                }
            }
        }
    }
}
