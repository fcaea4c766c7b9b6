import VestigeLocal
import VestigeTrail

/// A backup that was made, for people and for programs.
enum BackupText {
    static func table(_ backup: Backup) -> String {
        let manifest = backup.manifest
        return Facts.rendered(
            [
                ("copy", backup.path), ("of", manifest.what.rawValue), ("origin", manifest.origin),
                (manifest.what == .trail ? "entries" : "has seen entries", Int(manifest.size).grouped), ("root", manifest.root),
                ("under key", manifest.kek.map { "\($0)" }), ("bytes", manifest.bytes.grouped), ("sha256", manifest.sha256),
                ("made at", manifest.time), ("entry", "\(backup.seq)"),
            ] + backup.older.map { ("older trail", $0) })
    }

    static func json(_ backup: Backup) -> String {
        let manifest = backup.manifest
        var writer = JSONWriter()
        writer.object { json in
            json.member("path", backup.path)
            json.member("what", manifest.what.rawValue)
            json.member("origin", manifest.origin)
            json.member("trail", manifest.trail)
            json.number("size", Int(manifest.size))
            json.member("root", manifest.root)
            json.member("vault", manifest.vault)
            if let kek = manifest.kek { json.number("kek", Int(kek)) }
            json.number("bytes", manifest.bytes)
            json.member("sha256", manifest.sha256)
            json.member("time", manifest.time)
            json.number("seq", Int(backup.seq))
            json.member("older", backup.older)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
