import VestigeLocal
import VestigeTrail
import VestigeVault

/// Key-encryption keys, for people and for programs: ids and numbers, never a key.
enum KeysText {
    static func progress(_ progress: RotationProgress) -> String {
        "\(progress.rewrapped.counted("row", "rows")) under key \(progress.kek), \(Int(progress.share * 100)) %"
    }

    static func table(_ done: KeyRotation) -> String {
        let rotation = done.rotation
        return Facts.rendered([
            ("key", "\(rotation.kek)"), ("rows rewrapped", rotation.rewrapped.grouped),
            ("went on", rotation.resumed ? "a rotation had been cut short" : nil), ("destroyed", list(rotation.destroyed)),
            ("yours to remove", list(rotation.remaining)), ("entry", "\(done.seq)"),
        ])
    }

    static func json(_ done: KeyRotation) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("kek", Int(done.rotation.kek))
            json.number("rewrapped", done.rotation.rewrapped)
            json.key("resumed")
            json.boolean(done.rotation.resumed)
            numbers("destroyed", done.rotation.destroyed, &json)
            numbers("remaining", done.rotation.remaining, &json)
            json.number("seq", Int(done.seq))
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// With the checkpoint that both keys signed below.
    static func table(_ done: SigningRotation) -> String {
        Facts.rendered([("old key", "\(done.old)"), ("new key", "\(done.new)"), ("entry", "\(done.seq)")]) + "\n" + done.handover.note
    }

    static func json(_ done: SigningRotation) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("old", "\(done.old)")
            json.member("vkey", "\(done.new)")
            json.number("seq", Int(done.seq))
            json.member("handover", done.handover.note)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func table(_ status: KeyStatus) -> String {
        Facts.rendered([
            ("current key", "\(status.current)"), ("least key", "\(status.least)"), ("rows left to rewrap", status.rowsLeft.grouped),
            ("in the keyring", status.keyring.map { list($0) ?? "none" }), ("rotation", status.isRotating ? "under way" : "none"),
        ])
    }

    static func json(_ status: KeyStatus) -> String {
        var writer = JSONWriter()
        writer.object { json in
            json.number("current", Int(status.current))
            json.number("least", Int(status.least))
            json.number("rows_left", status.rowsLeft)
            if let ids = status.keyring { numbers("keyring", ids, &json) }
            json.key("rotating")
            json.boolean(status.isRotating)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func list(_ ids: [UInt32]) -> String? { ids.isEmpty ? nil : ids.map { "\($0)" }.joined(separator: ", ") }

    private static func numbers(_ name: String, _ ids: [UInt32], _ json: inout JSONWriter) {
        json.key(name)
        json.array { list in for id in ids { list.integer(Int64(id)) } }
    }
}
