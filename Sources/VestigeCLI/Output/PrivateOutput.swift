import Foundation

/// A new file that only its owner may read. One that is there is never written over.
enum PrivateOutput {
    /// - Throws: ``Failure`` if there is something at `path` already.
    static func checkUnused(_ path: String) throws(Failure) {
        var info = stat()
        guard lstat(path, &info) != 0 else { throw .usage("\(path) exists already; nothing was done, name a new file") }
    }

    static func write(
        _ bytes: [UInt8], to path: String, hint: String = "`vestige certificate show` gives it again"
    ) throws(Failure) {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure(path, errno, hint) }
        defer { close(file) }
        guard fchmod(file, 0o600) == 0 else { throw failure(path, errno, hint) }
        guard Output.writeAll(bytes, to: file), fsync(file) == 0 else { throw failure(path, errno, hint) }
    }

    private static func failure(_ path: String, _ code: Int32, _ hint: String) -> Failure {
        .refused("\(path) could not be written (errno \(code)); the result itself is done", hint: hint)
    }
}
