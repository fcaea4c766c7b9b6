import Foundation
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeTrail

/// The entries that the golden files show.
enum ExportSamples {
    static let source = ExportSource(
        tenant: "vestige.local/demo", host: "log1.example.org", processID: 4711, enterprise: 32473, version: "0.1.0")
    static let occurredAt = Timestamp(microseconds: 1_777_885_953_000_412)
    /// Version 1, all else zero: its hash is `SHA-256(0x00 ‖ leaf)`, computed apart from this program.
    static let leaf: [UInt8] = [1] + [UInt8](repeating: 0, count: 88)

    static func pseudonym(_ byte: UInt8) throws -> Bytes16 { try #require(Bytes16([UInt8](repeating: byte, count: 16))) }
    static func id(_ number: Int) throws -> EntryID { try #require(EntryID("01970000-0000-7000-8000-00000000000\(number)")) }

    static func entry(_ number: Int, _ header: Header?) throws -> OpenedEntry {
        var entry = OpenedEntry(
            seq: 40 + UInt64(number), recordedAt: occurredAt.adding(microseconds: 1_000_000), header: header, id: try id(number),
            leaf: leaf,
            isRedacted: header == nil)
        guard let header else { return entry }
        entry.actor = OpenedActor(
            type: header.actor.type, role: header.actor.role, pseudonym: header.actor.pseudonym, isSelf: header.actor.identity == .oneself,
            isErased: false)
        entry.subjects = header.subjects.map { OpenedSubject(pseudonym: $0, isErased: false) }
        return entry
    }

    /// A look, opened, with every character that some format must escape.
    static func look() throws -> OpenedEntry {
        var entry = try entry(
            1,
            Header(
                id: try id(1), occurredAt: occurredAt, channel: "pii-read", event: "read", action: "pii.read.user",
                actor: ActorReference(type: "user", identity: .pseudonym(try pseudonym(0x11)), role: "agent"),
                record: RecordHandle(type: "user", handle: try pseudonym(0x22)), subjects: [try pseudonym(0x22)],
                fields: ["email", "phone"], purpose: "support", activity: "RPA-12", correlationID: "4bf92f3577b34da6a3ce929d0e0e4736"))
        entry.actor?.id = "7"
        entry.actor?.name = "=Ana \"the|\\ Lima]"
        entry.actor?.email = "ana@example.org"
        entry.actor?.ip = "10.0.0.7"
        entry.actor?.userAgent = "a=b\nc"
        entry.subjects[0].recordID = "42"
        return entry
    }

    /// A refused sign-in of nobody known.
    static func signIn() throws -> OpenedEntry {
        try entry(
            2,
            Header(
                id: try id(2), occurredAt: occurredAt, channel: "auth", event: "sign_in_failed", action: "auth.sign_in", status: .failure,
                actor: ActorReference(type: "anonymous", identity: .none)))
    }

    /// An export of two people, nothing opened.
    static func exported() throws -> OpenedEntry {
        try entry(
            3,
            Header(
                id: try id(3), occurredAt: occurredAt, channel: "people", event: "exported", action: "user.exported", status: .warning,
                actor: ActorReference(type: "system", identity: .none), record: RecordHandle(type: "user"),
                subjects: [try pseudonym(0x22), try pseudonym(0x33)], purpose: "payroll", recipient: "payroll-gmbh"))
    }

    static func gone() throws -> OpenedEntry { try entry(4, nil) }

    static func all() throws -> [OpenedEntry] { [try look(), try signIn(), try exported(), try gone()] }
}

/// Expected lines, written from the text of a standard that the comment lines (`#`) name.
struct GoldenFile {
    let lines: [String]

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init).filter { !$0.hasPrefix("#") }
    }
}
