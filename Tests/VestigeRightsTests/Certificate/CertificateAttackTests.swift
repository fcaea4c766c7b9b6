import Foundation
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeTesting
import VestigeTrail

@testable import VestigeRights

typealias Members = [String: any Sendable]

/// One way to tamper with a certificate, and how it must be named.
struct CertificateAttack: Sendable, CustomTestStringConvertible {
    let name: String
    let kind: CertificateReport.Finding.Kind
    let change: @Sendable (inout Members, CertificateFixture) throws -> Void

    var testDescription: String { name }

    static func flip(_ member: String, _ place: Int, _ kind: CertificateReport.Finding.Kind) -> CertificateAttack {
        CertificateAttack(name: "byte \(place) of \(member)", kind: kind) { members, _ in
            var bytes = try #require((members[member] as? String).flatMap { Base64.decode($0) })
            bytes[place < 0 ? bytes.count + place : place] ^= 1
            members[member] = Base64.encode(bytes)
        }
    }

    /// Exchanges a line of the proof's text, counted from 0, from the end if negative.
    static func line(_ name: String, _ kind: CertificateReport.Finding.Kind, _ change: @escaping @Sendable ([String]) -> [String]) -> Self {
        CertificateAttack(name: name, kind: kind) { members, _ in
            let text = try #require(members["proof"] as? String)
            members["proof"] = change(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)).joined(
                separator: "\n")
        }
    }

    static func set(_ member: String, to value: String?, _ kind: CertificateReport.Finding.Kind) -> Self {
        CertificateAttack(name: "\(member): \(value ?? "left out")", kind: kind) { members, _ in members[member] = value }
    }

    /// Takes members from another file.
    static func exchange(
        _ name: String, _ kind: CertificateReport.Finding.Kind, _ names: [String],
        _ from: @escaping @Sendable (CertificateFixture) -> [UInt8]
    ) -> Self {
        CertificateAttack(name: name, kind: kind) { members, fixture in
            let other = try CertificateFixture.members(from(fixture))
            for name in names { members[name] = other[name] }
        }
    }

    static let entryMembers = ["seq", "leaf", "header", "salt_header", "payload", "salt_payload", "proof"]
    private static let random = Base64.encode([UInt8](repeating: 7, count: 32))
    private static func hashLine(_ lines: [String]) -> Int { lines.firstIndex { $0.hasPrefix("index ") }.map { $0 + 1 } ?? 0 }
    private static func rootLine(_ lines: [String]) -> Int { lines.lastIndex { $0.hasPrefix("— ") }.map { $0 - 2 } ?? 0 }

    static let all: [CertificateAttack] =
        [
            flip("body", 0, .body), flip("body", 200, .body), flip("body", -1, .body), set("body", to: nil, .file),
            set("body", to: "", .body), set("body", to: "e30=", .body), set("body", to: "not base64", .file),
            exchange("body of another erasure", .body, ["body"]) { $0.other },
            exchange("body and summary of another erasure", .entry, ["body", "id", "case", "started_at", "started_seq"]) { $0.other },
            flip("header", 30, .header), flip("salt_header", 0, .header), set("salt_header", to: "AAAA", .header),
            set("header", to: nil, .header), exchange("header of another entry", .header, ["header", "salt_header"]) { $0.start },
            flip("payload", 10, .payload), flip("payload", -5, .payload), flip("salt_payload", 31, .payload),
            set("payload", to: nil, .payload), set("salt_payload", to: nil, .payload),
            exchange("payload of another entry", .payload, ["payload", "salt_payload"]) { $0.start },
            flip("leaf", 0, .leaf), flip("leaf", 5, .proof), flip("leaf", 20, .proof), flip("leaf", 30, .proof), flip("leaf", 88, .proof),
            set("leaf", to: "AAAA", .leaf), set("leaf", to: nil, .file), set("proof", to: "", .proof), set("proof", to: nil, .file),
            line("a hash exchanged", .proof) { lines in
                var lines = lines
                lines[hashLine(lines)] = random
                return lines
            },
            line("a hash left out", .proof) { lines in
                var lines = lines
                lines.remove(at: hashLine(lines))
                return lines
            },
            line("a hash too many", .proof) { lines in
                var lines = lines
                lines.insert(random, at: hashLine(lines))
                return lines
            },
            line("a hash that is no hash", .proof) { lines in
                var lines = lines
                lines[hashLine(lines)] = "AAAA"
                return lines
            },
            line("another index", .proof) { $0.map { $0.hasPrefix("index ") ? "index 1" : $0 } },
            line("another spelling of the index", .proof) { $0.map { $0.hasPrefix("index ") ? $0 + " " : $0 } },
            line("another version", .proof) { ["c2sp.org/tlog-proof@v2"] + $0.dropFirst() },
            line("another size", .checkpoint) { lines in
                var lines = lines
                lines[rootLine(lines) - 1] += "0"
                return lines
            },
            line("another root", .checkpoint) { lines in
                var lines = lines
                lines[rootLine(lines)] = random
                return lines
            },
            line("another origin", .checkpoint) { lines in
                var lines = lines
                lines[rootLine(lines) - 2] = "vestige.test/other"
                return lines
            },
            line("another signature", .checkpoint) { lines in
                lines.map { $0.hasPrefix("— ") ? String($0.dropLast(9)) + "AAAAAAAA=" : $0 }
            },
            line("no signature", .checkpoint) { Array($0.prefix { !$0.hasPrefix("— ") }) },
            CertificateAttack(name: "another place", kind: .proof) { members, _ in
                members["seq"] = 1
                members["proof"] = (members["proof"] as? String)?.replacing(#/index \d+/#, with: "index 1")
            },
            exchange("the entry erasure.started", .entry, entryMembers) { $0.start },
            exchange("the entry of a look", .entry, entryMembers) { $0.look },
            exchange("the completion of another erasure", .entry, entryMembers) { $0.other },
            set("id", to: "01970000-0000-7000-8000-000000000000", .file), set("case", to: "2026-999", .file), set("case", to: nil, .file),
            set("started_at", to: "2020-01-01T00:00:00.000000Z", .file), set("completed_at", to: nil, .file),
            set("fence_until", to: "2020-01-01", .file), set("note", to: "and he was never here", .file),
            CertificateAttack(name: "other roles", kind: .file) { members, _ in members["roles"] = ["acting"] },
            CertificateAttack(name: "another number of the completion", kind: .file) { members, _ in members["completed_seq"] = 1 },
        ]
}

/// Two erasures of one trail, and what an attacker may have besides.
struct CertificateFixture: Sendable {
    let vestige: InMemoryVestige
    /// With its header.
    let file: [UInt8]
    let other: [UInt8]
    /// `prove --json` of `erasure.started` and of a look.
    let start: [UInt8]
    let look: [UInt8]

    var key: VerifierKey { vestige.trail.verifierKey }

    init() async throws {
        vestige = try await busyVestige()
        let erasure = try await vestige.rights.erase(order("42", .subject))
        let second = try await vestige.rights.erase(
            ErasureOrder(subject: try person("43"), role: .subject, caseReference: "2026-118", purpose: "audit", actor: officer))
        file = try #require(try await vestige.certificates(.erasure(erasure.id), withHeader: true).first).json()
        other = try #require(try await vestige.certificates(.erasure(second.id), withHeader: true).first).json()
        start = try await Self.proof(of: erasure.startedSeq, vestige.trail)
        look = try await Self.proof(of: 1, vestige.trail)
    }

    static func proof(of seq: UInt64, _ trail: Trail) async throws -> [UInt8] {
        let (entry, proof, checkpoint) = try await trail.proof(of: seq)
        var json = JSONWriter()
        json.object { EntryProof(entry, proof, checkpoint).write(to: &$0) }
        return json.bytes
    }

    static func members(_ json: [UInt8]) throws -> Members {
        let object = try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any]
        return try #require(object).mapValues { value in
            switch value {
            case let text as String: text
            case let list as [String]: list
            case let number as Int: number
            default: String?.none
            }
        }
    }

    static func file(_ members: Members) throws -> [UInt8] {
        var given: [String: Any] = [:]
        for (name, value) in members {
            switch value {
            case let text as String: given[name] = text
            case let list as [String]: given[name] = list
            case let number as Int: given[name] = number
            default: given[name] = NSNull()
            }
        }
        return [UInt8](try JSONSerialization.data(withJSONObject: given, options: [.prettyPrinted]))
    }
}

@Suite("A certificate that was tampered with")
struct CertificateAttackTests {
    @Test("is refused, and what does not hold is named")
    func attacks() async throws {
        let fixture = try await CertificateFixture()
        let members = try CertificateFixture.members(fixture.file)
        // White space and order are a mail program's, not an attack.
        #expect(Certificate.check(try CertificateFixture.file(members), by: fixture.key).findings == [])
        for attack in CertificateAttack.all {
            var changed = members
            try attack.change(&changed, fixture)
            let report = Certificate.check(try CertificateFixture.file(changed), by: fixture.key)
            #expect(report.verdict == .broken, "\(attack.name)")
            #expect(report.findings.contains { $0.kind == attack.kind }, "\(attack.name): \(report.findings)")
        }
    }

    @Test("every single byte of body and entry counts")
    func everyByte() async throws {
        let fixture = try await CertificateFixture()
        let members = try CertificateFixture.members(fixture.file)
        for name in ["body", "leaf", "header", "salt_header", "payload", "salt_payload"] {
            let bytes = try #require((members[name] as? String).flatMap { Base64.decode($0) })
            for place in stride(from: 0, to: bytes.count, by: 7) {
                var (changed, altered) = (members, bytes)
                altered[place] ^= 0x20
                changed[name] = Base64.encode(altered)
                #expect(Certificate.check(try CertificateFixture.file(changed), by: fixture.key).verdict == .broken, "\(name) \(place)")
            }
        }
    }

    @Test("and no other key than the trail's will do")
    func keys() async throws {
        let fixture = try await CertificateFixture()
        let stranger = try await busyVestige().trail.verifierKey
        // Of the same name, and of another.
        for key in [stranger, VerifierKey(name: "vestige.test/other", publicKey: fixture.key.publicKey)] {
            let report = Certificate.check(fixture.file, by: key)
            #expect(report.findings.contains { $0.kind == .checkpoint } && report.checkpoint == nil)
        }
    }

    @Test(
        "what is no certificate at all is said to be none",
        arguments: ["", "{", "[]", "{}", "null", "{\"body\":\"\",\"body\":\"\"}", "\u{FEFF}{}"])
    func notOne(text: String) async throws {
        let key = VerifierKey(name: "vestige.test/x", publicKey: .zero)
        let report = Certificate.check(Array(text.utf8), by: key)
        #expect(report.findings.map(\.kind) == [.file] && report.certificate == nil && report.verdict == .broken)
    }

    @Test("an issuer who signs what does not fit the entry is found out", arguments: 0..<7)
    func lies(_ number: Int) async throws {
        let vestige = try await busyVestige()
        let honest = try #require(try await vestige.rights.erase(order("42", .subject)).certificate).facts
        var facts = honest
        var entry = BuiltInEntry(action: number == 5 ? "erasure.renamed" : "erasure.completed", event: "erased", actor: .system("vestige"))
        entry.id = EntryID.make(at: facts.probedAt)
        facts.completed = try #require(entry.id)
        switch number {
        case 0: facts.probedAt = facts.probedAt.adding(days: 1)
        case 1: facts.origin = "vestige.test/other"
        case 2: facts.started.seq = 1000
        case 3: facts.policy = sha256([1])
        case 4: facts.completed = honest.completed
        case 6: facts.destroyedAt = facts.started.at.adding(days: -1)
        default: break
        }
        let mark = CertificateMark(erasure: facts.erasure, role: "subject", hash: sha256(facts.encoded()))
        entry.clear = [mark.encoded()]
        entry.details = ["erasure": .code(UUIDText.write(facts.erasure)), "role": .code("subject")]
        let receipt = try await vestige.recorder.record(entry)
        let (stored, proof, checkpoint) = try await vestige.trail.proof(of: receipt.seq)
        let certificate = try Certificate(body: facts.encoded(), entry: EntryProof(stored, proof, checkpoint))
        let report = Certificate.check(certificate.json(), by: vestige.trail.verifierKey)
        #expect(report.findings.map(\.kind) == [number == 4 || number == 5 ? .entry : .facts], "\(report.findings)")
    }
}
