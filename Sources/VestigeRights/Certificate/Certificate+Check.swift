import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail

extension Certificate {
    /// A certificate has some 8 KiB.
    public static let byteCountMax = 1 << 20

    /// Checks a file with nothing but the trail's verifier key: the checkpoint's signature, the proof, the entry against its leaf, that it
    /// completes this erasure, that the body is the one whose hash it holds, and that the body's facts fit it.
    ///
    /// - Parameters:
    ///   - key: from another source than the file, such as what was noted when the trail was made.
    ///   - changes: entries `key.signing_rotated` with their proofs, as `vestige prove SEQ --json` gives them, in any order: a certificate from before
    ///     is then checked by the key of its time.
    public static func check(_ file: [UInt8], by key: VerifierKey, changes: [[UInt8]] = []) -> CertificateReport {
        var check = CertificateCheck(key: key)
        var report = check.report(on: file)
        guard !changes.isEmpty, report.checkpoint == nil else { return report }
        var entries = changes.map { change -> EntryProof? in
            var check = CertificateCheck(key: key)
            return check.members(of: change).flatMap { check.entry(in: $0) }
        }
        var newer = key
        while let place = entries.firstIndex(where: { $0?.checked(by: key).signingChange?.new == newer }),
            let entry = entries.remove(at: place), let old = entry.checked(by: key).signingChange?.old, old.name == key.name
        {
            newer = old
            var check = CertificateCheck(key: old)
            let older = check.report(on: file)
            guard let checkpoint = older.checkpoint else { continue }
            if checkpoint.size <= entry.seq { return older }
            report = CertificateReport(
                certificate: older.certificate, checkpoint: nil,
                findings: older.findings + [.init(kind: .checkpoint, message: "it is signed by a key that was replaced before")])
        }
        return report
    }
}

private struct CertificateCheck {
    let key: VerifierKey
    private var findings: [CertificateReport.Finding] = []

    init(key: VerifierKey) { self.key = key }

    mutating func report(on file: [UInt8]) -> CertificateReport {
        guard let members = members(of: file), let body = bytes("body", in: members), let entry = entry(in: members) else {
            return CertificateReport(certificate: nil, checkpoint: nil, findings: findings)
        }
        let checked = entry.checked(by: key)
        for finding in checked.findings {
            if let kind = CertificateReport.Finding.Kind(rawValue: finding.kind.rawValue) { add(kind, finding.message) }
        }
        let mark = mark(of: checked, entry)
        if let mark, mark.hash != sha256(body) { add(.body, "the entry holds the hash of another body: this one was altered or exchanged") }
        let certificate: Certificate
        do throws(TrailError) {
            certificate = try Certificate(body: body, entry: entry)
        } catch {
            // A leaf that cannot be read was named already.
            if checked.leaf != nil { add(.body, "it is not a certificate's body of version \(CertificateFacts.version): \(error)") }
            return CertificateReport(certificate: nil, checkpoint: checked.checkpoint, findings: findings)
        }
        compare(certificate, mark, checked)
        compareSummary(certificate, members)
        return CertificateReport(certificate: certificate, checkpoint: checked.checkpoint, findings: findings)
    }

    private mutating func add(_ kind: CertificateReport.Finding.Kind, _ message: String) {
        findings.append(CertificateReport.Finding(kind: kind, message: message))
    }

    // MARK: The entry

    /// What the entry says of the certificate, if it is the completion of an erasure that has one.
    private mutating func mark(of checked: CheckedEntry, _ entry: EntryProof) -> CertificateMark? {
        if entry.payload == nil, entry.payloadSalt == nil { add(.payload, "it is missing, and with it the hash of the body") }
        guard let payload = checked.payload else { return nil }
        guard let mark = CertificateMark(in: payload) else {
            add(.entry, "it holds no hash of a certificate: it is not the completion of an erasure, or of one without a certificate")
            return nil
        }
        if let header = checked.header {
            if header.channel != Code.complianceChannel || header.action != CertificateMark.action || header.event != Event.erased.rawValue
            {
                add(.entry, "its header is not that of \(CertificateMark.action)")
            }
            if header.details["erasure"] != .code(UUIDText.write(mark.erasure)) || header.details["role"] != .code(mark.role) {
                add(.entry, "header and payload speak of different erasures")
            }
        }
        return mark
    }

    private mutating func compare(_ certificate: Certificate, _ mark: CertificateMark?, _ checked: CheckedEntry) {
        let facts = certificate.facts
        if let mark {
            if mark.erasure != facts.erasure { add(.entry, "it completes another erasure than the body speaks of") }
            if mark.role != Certificate.roleCode(facts.roles) { add(.entry, "it names another role than the body") }
        }
        if let leaf = checked.leaf, leaf.id != facts.completed { add(.entry, "the body names another entry as its own") }
        if facts.origin != key.name { add(.facts, "the body is of another trail than the key") }
        if let header = checked.header, header.policy != facts.policy { add(.facts, "header and body name different policies") }
        if facts.started.seq >= certificate.entry.seq { add(.facts, "the body puts the start of the erasure behind its end") }
        var last: (name: String, at: Timestamp)?
        for moment in facts.moments + [("recorded_at", certificate.completedAt)] {
            if let last, moment.at < last.at { add(.facts, "\(last.name) lies after \(moment.name)") }
            last = moment
        }
    }

    // MARK: The file

    mutating func members(of file: [UInt8]) -> [String: StrictJSON]? {
        guard file.count <= Certificate.byteCountMax else {
            add(.file, "it is not a certificate: over \(Certificate.byteCountMax) bytes")
            return nil
        }
        do throws(StrictJSONError) {
            guard case .object(let members) = try StrictJSONParser.parse(file) else {
                add(.file, "it is not a certificate: expected an object")
                return nil
            }
            return Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        } catch {
            add(.file, "it is not a certificate: \(error)")
            return nil
        }
    }

    private mutating func bytes(_ name: String, in members: [String: StrictJSON]) -> [UInt8]? {
        guard case .string(let text)? = members[name], let bytes = Base64.decode(text) else {
            add(.file, "it is not a certificate: \"\(name)\" is missing or not base64")
            return nil
        }
        return bytes
    }

    /// What was left out is `nil` or not there.
    private mutating func optionalBytes(_ name: String, in members: [String: StrictJSON]) -> [UInt8]? {
        if members[name] == nil || members[name] == .null { return nil }
        return bytes(name, in: members)
    }

    mutating func entry(in members: [String: StrictJSON]) -> EntryProof? {
        guard case .integer(let number)? = members["seq"], let seq = UInt64(exactly: number), case .string(let text)? = members["proof"]
        else {
            add(.file, "it is not a certificate: \"seq\" or \"proof\" is missing")
            return nil
        }
        guard let leaf = bytes("leaf", in: members) else { return nil }
        let count = findings.count
        let entry = EntryProof(
            seq: seq, leaf: leaf, header: optionalBytes("header", in: members), headerSalt: optionalBytes("salt_header", in: members),
            payload: optionalBytes("payload", in: members), payloadSalt: optionalBytes("salt_payload", in: members), text: text)
        return findings.count == count ? entry : nil
    }

    /// Whatever the file says beside body and entry must be what they say: a reader may look there first.
    private mutating func compareSummary(_ certificate: Certificate, _ members: [String: StrictJSON]) {
        guard case .object(let expected)? = try? StrictJSONParser.parse(certificate.json()) else { return }
        var rest = members
        for (name, value) in expected {
            let given = rest.removeValue(forKey: name) ?? .null
            if given != value { add(.file, "\"\(name)\" is not what body and entry say") }
        }
        // An unknown name is not repeated: it could be anything.
        if !rest.isEmpty { add(.file, "it has \(rest.count) members that a certificate does not have") }
    }
}
