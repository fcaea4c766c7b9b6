import Foundation

/// Resident memory, in MB, as Linux counts it.
enum Memory {
    /// Forgets the peak so far and gives what is resident now.
    static func reset() throws -> Double {
        do { try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .ascii) } catch {
            throw BenchError.environment("/proc/self/clear_refs cannot be written; the peak of one export cannot be told")
        }
        return try value("VmRSS:")
    }

    /// The most so far, of this process or another.
    static func peak(of process: String = "self") throws -> Double { try value("VmHWM:", of: process) }

    private static func value(_ name: String, of process: String = "self") throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .ascii)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { throw BenchError.environment("/proc/\(process)/status has no \(name)") }
        return kilobytes / 1024
    }
}
