import VestigeCrypto
public import VestigeTrail
import VestigeVault

/// The form of the body: compact JSON by the header's rules, in this order, with absent members left out (Docs/TrailFormat.md).
extension CertificateFacts {
    static let version: Int64 = 1
    private static let type = "erasure"

    public func encoded() -> [UInt8] {
        var json = JSONWriter(capacity: 4096)
        json.object { json in
            json.key("v")
            json.integer(Self.version)
            json.member("type", Self.type)
            json.member("origin", origin)
            json.key("erasure")
            json.uuid(erasure)
            json.member("case", caseReference)
            json.member("asked_by", askedBy)
            json.member("finished_by", finishedBy)
            if isResumed {
                json.key("resumed")
                json.boolean(true)
            }
            json.key("policy")
            json.hex(policy)
            json.objects("keys", keys) { $0.write(to: &$1) }
            json.member("destroyed", destroyed)
            json.member("kept_until", dueDay.map(DayText.write))
            json.member("asked_at", askedAt?.description)
            json.member("started_at", started.at.description)
            json.member("destroyed_at", destroyedAt?.description)
            json.member("forgotten_at", forgottenAt.description)
            json.member("probed_at", probedAt.description)
            json.key("started")
            json.object { json in
                json.member("id", started.id.description)
                json.key("seq")
                json.integer(Int64(clamping: started.seq))
            }
            json.key("completed")
            json.object { $0.member("id", completed.description) }
            json.objects("entries", entries) { $0.write(to: &$1) }
            json.objects("retained", retained) { $0.write(to: &$1) }
            json.key("backups")
            json.object { json in
                json.count("vault_days", backups.vaultDays)
                json.member("vault_until", DayText.write(backups.vaultUntil))
                json.count("keyring_days", backups.keyringDays)
                json.member("keyring_until", DayText.write(backups.keyringUntil))
            }
            json.member("check", check)
        }
        return json.bytes
    }

    /// Reads a body's exact bytes.
    ///
    /// - Throws: ``TrailError/malformedJSON(expected:offset:)`` for anything that ``encoded()`` does not write.
    public init(decoding bytes: [UInt8]) throws(TrailError) {
        var json = JSONCursor(bytes)
        try json.expect(0x7B)
        guard json.member("v"), try json.integer() == Self.version else { throw json.refuse("a body of version 1") }
        guard json.member("type"), try json.string() == Self.type else { throw json.refuse("a certificate of an erasure") }
        guard let origin = try json.text("origin") else { throw json.refuse("\"origin\"") }
        self.origin = origin
        guard json.member("erasure"), let erasure = UUIDText.read(try json.string()) else { throw json.refuse("\"erasure\"") }
        self.erasure = erasure
        caseReference = try json.text("case")
        askedBy = try json.text("asked_by")
        guard let finishedBy = try json.text("finished_by") else { throw json.refuse("\"finished_by\"") }
        self.finishedBy = finishedBy
        isResumed = json.member("resumed") ? try json.boolean() : false
        guard json.member("policy"), let policy = Bytes32(hex: try json.string()) else { throw json.refuse("\"policy\"") }
        self.policy = policy
        keys = try json.objects("keys") { (json: inout JSONCursor) throws(TrailError) in try Key(reading: &json) }
        if json.member("destroyed") { try json.array { (json: inout JSONCursor) throws(TrailError) in _ = try json.string() } }
        dueDay = try json.day("kept_until")
        askedAt = try json.time("asked_at")
        let startedAt = try json.requiredTime("started_at")
        destroyedAt = try json.time("destroyed_at")
        forgottenAt = try json.requiredTime("forgotten_at")
        probedAt = try json.requiredTime("probed_at")
        guard json.member("started") else { throw json.refuse("\"started\"") }
        try json.expect(0x7B)
        let startedID = try json.entryID()
        guard let seq = try json.count("seq") else { throw json.refuse("\"seq\"") }
        try json.expect(0x7D)
        started = Start(id: startedID, seq: UInt64(seq), at: startedAt)
        guard json.member("completed") else { throw json.refuse("\"completed\"") }
        try json.expect(0x7B)
        completed = try json.entryID()
        try json.expect(0x7D)
        entries = try json.objects("entries") { (json: inout JSONCursor) throws(TrailError) in try Count(reading: &json) }
        retained = try json.objects("retained") { (json: inout JSONCursor) throws(TrailError) in try Retained(reading: &json) }
        guard json.member("backups") else { throw json.refuse("\"backups\"") }
        try json.expect(0x7B)
        backups = try Backups(reading: &json)
        try json.expect(0x7D)
        _ = try json.text("check")
        try json.expect(0x7D)
        // One form only: what was skipped above must be what these facts give.
        guard json.isAtEnd, encoded() == bytes else { throw json.refuse("the one form of these facts") }
    }
}

extension CertificateFacts.Key {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("role", role.code)
        json.member("algorithm", Self.algorithm)
        if let kek { json.count("kek", Int(kek)) }
    }

    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        role = try json.role()
        _ = try json.text("algorithm")
        let number = try json.count("kek")
        kek = number.flatMap(UInt32.init(exactly:))
    }
}

extension CertificateFacts.Count {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("role", role.code)
        json.count("total", total)
        if isMore {
            json.key("more")
            json.boolean(true)
        }
        json.objects("channels", channels) { channel, json in
            json.member("channel", channel.channel)
            json.count("count", channel.count)
        }
    }

    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        role = try json.role()
        guard let total = try json.count("total") else { throw json.refuse("\"total\"") }
        self.total = total
        isMore = json.member("more") ? try json.boolean() : false
        channels = try json.objects("channels") { (json: inout JSONCursor) throws(TrailError) in
            guard let channel = try json.text("channel"), let count = try json.count("count") else { throw json.refuse("a channel") }
            return CertificateFacts.ChannelCount(channel: channel, count: count)
        }
    }
}

extension CertificateFacts.Retained {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("what", kind.rawValue)
        json.member("role", role?.code)
        json.member("channel", channel)
        if let count { json.count("count", count) }
        if let days { json.count("days", days) }
        json.member("until", until.map(DayText.write))
        json.member("because", because)
    }

    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        guard let what = try json.text("what"), let kind = Kind(rawValue: what) else { throw json.refuse("what is retained") }
        self.kind = kind
        if let code = try json.text("role") {
            guard let role = KeyRole(code: code) else { throw json.refuse("a role") }
            self.role = role
        }
        channel = try json.text("channel")
        count = try json.count("count")
        days = try json.count("days")
        until = try json.day("until")
        because = try json.text("because")
    }
}

extension CertificateFacts.Backups {
    fileprivate init(reading json: inout JSONCursor) throws(TrailError) {
        guard let vaultDays = try json.count("vault_days"), let vaultUntil = try json.day("vault_until"),
            let keyringDays = try json.count("keyring_days"), let keyringUntil = try json.day("keyring_until")
        else { throw json.refuse("the windows of backups") }
        self.init(vaultDays: vaultDays, vaultUntil: vaultUntil, keyringDays: keyringDays, keyringUntil: keyringUntil)
    }
}
