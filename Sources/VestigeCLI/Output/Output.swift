import Foundation

/// The two ways out: results, and what is said about them. Unbuffered: what was written is out.
enum Output {
    static func text(_ text: String) {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    static func line(_ text: String = "") {
        write(Array(text.utf8) + [0x0A], to: STDOUT_FILENO)
    }

    static func bytes(_ bytes: [UInt8]) {
        write(bytes, to: STDOUT_FILENO)
    }

    static func error(_ message: String) {
        write(Array("error: \(message)\n".utf8), to: STDERR_FILENO)
    }

    static func hint(_ message: String) {
        write(Array("hint: \(message)\n".utf8), to: STDERR_FILENO)
    }

    /// Progress on a terminal, over and over in one line; nothing elsewhere.
    static func progress(_ message: String?) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        write(Array("\r\u{1B}[K\(message ?? "")".utf8), to: STDERR_FILENO)
    }

    /// A result that cannot be written is a failed command: a file that ends early must not look whole.
    private static func write(_ bytes: [UInt8], to file: Int32) {
        guard !writeAll(bytes, to: file) else { return }
        if file != STDERR_FILENO { error("the result could not be written (errno \(errno)); what is there is not whole") }
        exit(1)
    }

    /// Writes everything, however many calls it takes; false at the first that fails, then `errno` says why.
    static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
