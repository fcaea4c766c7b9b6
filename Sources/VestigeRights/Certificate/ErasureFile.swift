import VestigeCrypto
import VestigeTrail
import VestigeVault

/// What is known of one erasure and stands nowhere else: for which case it is, what its steps found, and in the end its certificate's body.
/// Whoever finishes the erasure goes on from here.
struct ErasureFile: Equatable {
    var caseReference: String?
    var askedBy: String?
    var askedAt: Timestamp?
    /// The key-encryption key of each role's key, as it was when the erasure began.
    var keks: [KeyRole: UInt32] = [:]
    /// Until when the acting key had been kept that this erasure destroys.
    var keptUntil: Int?
    /// Until when this erasure leaves the acting key, and why.
    var deferredUntil: Int?
    var deferredBecause: String?
    /// The last day of the fence.
    var fence: Int?
    var destroyedAt: Timestamp?
    /// The day on which the file's own key is destroyed.
    var fileUntil: Int?
    /// The exact bytes of the certificate's body; once they are here they stay.
    var body: [UInt8]?

    func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 512 + (body?.count ?? 0) * 4 / 3)
        json.object { json in
            json.member("case", caseReference)
            json.member("asked_by", askedBy)
            json.member("asked_at", askedAt?.description)
            json.objects("keks", keks.sorted { $0.key < $1.key }) { pair, json in
                json.member("role", pair.key.code)
                json.count("kek", Int(pair.value))
            }
            json.member("kept_until", keptUntil.map(DayText.write))
            json.member("deferred_until", deferredUntil.map(DayText.write))
            json.member("deferred_because", deferredBecause)
            json.member("fence", fence.map(DayText.write))
            json.member("destroyed_at", destroyedAt?.description)
            json.member("file_until", fileUntil.map(DayText.write))
            json.member("body", body.map(Base64.encode))
        }
        return json.bytes
    }

    init(caseReference: String? = nil, askedBy: String? = nil, askedAt: Timestamp? = nil) {
        self.caseReference = caseReference
        self.askedBy = askedBy
        self.askedAt = askedAt
    }

    init(decoding bytes: [UInt8]) throws(TrailError) {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        caseReference = try json.text("case")
        askedBy = try json.text("asked_by")
        askedAt = try json.time("asked_at")
        for (role, kek) in try json.objects(
            "keks",
            { (json: inout JSONCursor) throws(TrailError) in (try json.role(), UInt32(clamping: try json.count("kek") ?? 0)) })
        {
            keks[role] = kek
        }
        keptUntil = try json.day("kept_until")
        deferredUntil = try json.day("deferred_until")
        deferredBecause = try json.text("deferred_because")
        fence = try json.day("fence")
        destroyedAt = try json.time("destroyed_at")
        fileUntil = try json.day("file_until")
        if let text = try json.text("body") {
            guard let bytes = Base64.decode(text) else { throw json.refuse("base64") }
            body = bytes
        }
        try json.expect(0x7D)
    }
}
