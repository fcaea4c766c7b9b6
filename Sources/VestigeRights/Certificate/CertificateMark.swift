import VestigeCrypto
import VestigeTrail

/// What `erasure.completed` holds of a certificate, readable by all who may read the trail: the one clear item of its payload.
///
/// `{"certificate":{"action":"erasure.completed","erasure":…,"role":…,"sha256":…}}`. It repeats what the header says, so that a certificate
/// can do without the header, in which the pseudonym stands.
struct CertificateMark: Equatable {
    static let action = "erasure.completed"

    let erasure: Bytes16
    /// `subject`, `acting` or `both`.
    let role: String
    /// Of the body's exact bytes.
    let hash: Bytes32

    init(erasure: Bytes16, role: String, hash: Bytes32) {
        self.erasure = erasure
        self.role = role
        self.hash = hash
    }

    func encoded() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("certificate")
            json.object { json in
                json.member("action", Self.action)
                json.key("erasure")
                json.uuid(erasure)
                json.member("role", role)
                json.key("sha256")
                json.hex(hash)
            }
        }
        return json.bytes
    }

    /// The mark of a payload; `nil` if it has none, or more than one.
    init?(in payload: Payload) {
        let marks = payload.items.compactMap { $0.kind == .clear ? CertificateMark(decoding: $0.bytes) : nil }
        guard marks.count == 1 else { return nil }
        self = marks[0]
    }

    private init?(decoding bytes: [UInt8]) {
        do throws(TrailError) {
            var json = JSONCursor(bytes)
            try json.expect(0x7B)
            guard json.member("certificate") else { return nil }
            try json.expect(0x7B)
            guard try json.text("action") == Self.action, json.member("erasure"), let erasure = UUIDText.read(try json.string()),
                let role = try json.text("role"), json.member("sha256"), let hash = Bytes32(hex: try json.string())
            else { return nil }
            try json.expect(0x7D)
            try json.expect(0x7D)
            guard json.isAtEnd else { return nil }
            self.init(erasure: erasure, role: role, hash: hash)
        } catch {
            return nil
        }
    }
}
