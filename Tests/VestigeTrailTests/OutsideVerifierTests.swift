import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeTesting

@testable import VestigeTrail

/// Runs `verify_trail.py`, which shares no code with Vestige and follows Docs/TrailFormat.md, over a trail of ours.
@Suite("A verifier that follows the document and shares no code with us")
struct OutsideVerifierTests {
    private static let script = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().appending(
        path: "verify_trail.py")

    private static func hex(_ bytes: [UInt8]) -> String {
        "x'" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "'"
    }

    /// Any text, zero bytes and quotes too.
    private static func text(_ text: String) -> String { "CAST(\(hex(Array(text.utf8))) AS TEXT)" }

    /// The tables of the document as SQL.
    private func sql(_ contents: TrailContents, _ more: String) -> String {
        var lines = [
            "CREATE TABLE leaves(seq INTEGER PRIMARY KEY, leaf BLOB);",
            "CREATE TABLE bodies(seq INTEGER PRIMARY KEY, header_salt BLOB, header BLOB, payload_salt BLOB, payload BLOB);",
            "CREATE TABLE tiles(level INTEGER, idx INTEGER, hashes BLOB);",
            "CREATE TABLE head(one INTEGER PRIMARY KEY, size INTEGER, recorded_at INTEGER, checkpoint TEXT);",
            "CREATE TABLE checkpoints(size INTEGER, note TEXT);", "CREATE TABLE redactions(seq INTEGER PRIMARY KEY, entry BLOB);",
            "CREATE TABLE plans(to_seq INTEGER, from_seq INTEGER, id BLOB, cutoff INTEGER, digest BLOB, entry BLOB);",
            "CREATE TABLE index_rows(seq, occurred_at, channel, event, action, status, actor_type, purpose);",
            "CREATE TABLE terms(term BLOB, seq INTEGER);",
        ]
        for (seq, leaf) in contents.leaves { lines.append("INSERT INTO leaves VALUES(\(seq),\(Self.hex(leaf)));") }
        for (seq, body) in contents.bodies {
            let values = [body.headerSalt, body.header, body.payloadSalt, body.payload].map(Self.hex).joined(separator: ",")
            lines.append("INSERT INTO bodies VALUES(\(seq),\(values));")
        }
        for tile in contents.tiles.values {
            lines.append("INSERT INTO tiles VALUES(\(tile.level),\(tile.index),\(Self.hex(tile.encoded())));")
        }
        if let head = contents.head {
            lines.append("INSERT INTO head VALUES(0,\(head.size),\(head.recordedAt.microseconds),'\(head.checkpoint)');")
        }
        for (size, note) in contents.keptCheckpoints { lines.append("INSERT INTO checkpoints VALUES(\(size),'\(note)');") }
        for (seq, row) in contents.index {
            let codes = [row.channel, row.event, row.action, row.status, row.actorType, row.purpose].map { $0.map(Self.text) ?? "NULL" }
            lines.append("INSERT INTO index_rows VALUES(\(seq),\(row.occurredAt.microseconds),\(codes.joined(separator: ",")));")
        }
        for plan in contents.plans {
            let values = [plan.id, plan.entry].map { Self.hex($0.bytes) }
            lines.append(
                "INSERT INTO plans VALUES(\(plan.range.upperBound),\(plan.range.lowerBound),\(values[0]),\(plan.cutoff.microseconds),"
                    + "\(Self.hex(plan.digest.bytes)),\(values[1]));")
        }
        for place in contents.terms { lines.append("INSERT INTO terms VALUES(\(Self.hex(place.term.bytes)),\(place.seq));") }
        return (lines + [more]).joined(separator: "\n")
    }

    /// Verifies `contents` with the script.
    private func verify(_ contents: TrailContents, key: String, options: [String] = [], sql more: String = "") async throws
        -> Program.Result
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vestige-\(Bytes16.random().hex)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (script, file) = (folder.appending(path: "trail.sql"), folder.appending(path: "trail.sqlite"))
        try sql(contents, more).write(to: script, atomically: true, encoding: .utf8)
        let load = "import sqlite3,sys; c=sqlite3.connect(sys.argv[2]); c.executescript('BEGIN;'+open(sys.argv[1]).read()+'COMMIT;')"
        let loaded = try await Program.run("python3", ["-c", load, script.path, file.path])
        #expect(loaded.exit == 0, "\(loaded.output)")
        return try await Program.run("python3", [Self.script.path, file.path, key] + options)
    }

    private struct Proof: Encodable {
        let seq: UInt64
        let leaf: Data
        let header: Data
        let saltHeader: Data
        let payload: Data
        let saltPayload: Data
        var proof: String

        enum CodingKeys: String, CodingKey {
            case seq, leaf, header, payload, proof
            case saltHeader = "salt_header"
            case saltPayload = "salt_payload"
        }
    }

    private func writeProof(_ trail: Trail, of seq: UInt64, changing: (inout Proof) -> Void = { _ in }) async throws -> String {
        let (entry, proof, checkpoint) = try await trail.proof(of: seq)
        let body = try #require(entry.body)
        var json = Proof(
            seq: seq, leaf: Data(entry.leaf), header: Data(body.header), saltHeader: Data(body.headerSalt), payload: Data(body.payload),
            saltPayload: Data(body.payloadSalt), proof: proof.text(checkpoint: checkpoint))
        changing(&json)
        let file = FileManager.default.temporaryDirectory.appending(path: "vestige-proof-\(Bytes16.random().hex).json")
        try JSONEncoder().encode(json).write(to: file)
        return file.path
    }

    @Test("It finds our trail intact, with proofs", .enabled(if: Program.python != nil, "there is no python3"))
    func intact() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(600)
        var seed = Seeded(9)
        for _ in 0..<100 {
            var header = seed.header()
            // Only codes can stand here: an action `audit.…` would be a question.
            header.action = "people.updated"
            _ = try await fixture.trail.append(SealedEntry(header: header, payload: Payload()))
        }
        #expect(try await fixture.expectIntact())
        var proofs: [String] = []
        for seq in [UInt64(0), 255, 256, 599, 699] { proofs.append(try await writeProof(fixture.trail, of: seq)) }
        defer { for proof in proofs { try? FileManager.default.removeItem(atPath: proof) } }
        let key = fixture.signer.verifierKey.description
        let found = try await verify(fixture.store.snapshot, key: key, options: proofs)
        #expect(found.exit == 0, "\(found.output)")
        #expect(found.output.hasPrefix("intact: 700 entries, 0 without body"))

        let otherKey = try CheckpointSigner(origin: TrailFixture.origin, key: .generate()).verifierKey.description
        #expect(try await verify(fixture.store.snapshot, key: otherKey).exit == 1)
        #expect(try await verify(fixture.store.snapshot, key: "nonsense").exit == 2)
        fixture.store.mutate { $0.bodies[3] = nil }
        #expect(try await verify(fixture.store.snapshot, key: key).output.contains("missing 3:"))
        // A row that names an entry which redacts nothing, or none, says nothing.
        let other = Self.hex(Array(fixture.store.snapshot.leaves[9]?[1..<17] ?? []))
        for forged in [other, "zeroblob(16)"] {
            let row = "INSERT INTO redactions VALUES(3,\(forged));"
            #expect(try await verify(fixture.store.snapshot, key: key, sql: row).output.contains("missing 3:"))
        }
        let stray = "INSERT INTO plans VALUES(5,0,x'00',0,x'00',\(other));"
        #expect(try await verify(fixture.store.snapshot, key: key, sql: stray).output.contains("stray 0:"))
    }

    @Test("It tells a redacted body from a missing one", .enabled(if: Program.python != nil, "there is no python3"))
    func redacted() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(20)
        let header = Header(
            id: .make(at: TrailFixture.start), occurredAt: TrailFixture.start, channel: Redaction.channel, event: "redacted",
            action: Redaction.action, actor: ActorReference(type: "system", identity: .none))
        let item = Payload.Item(kind: .clear, bytes: Redaction.encode([7, 3]))
        _ = try await fixture.trail.append(SealedEntry(header: header, payload: Payload(items: [item])))
        let key = fixture.signer.verifierKey.description
        let pending = try await verify(fixture.store.snapshot, key: key)
        #expect(pending.output.contains("redaction 3:") && pending.output.contains("redaction 7:"), "\(pending.output)")
        #expect(try fixture.store.redact([3, 7], by: header.id))
        let row = Self.hex(header.id.bytes.bytes)
        let rows = [3, 7].map { "INSERT INTO redactions VALUES(\($0),\(row));" }.joined()
        let done = try await verify(fixture.store.snapshot, key: key, sql: rows)
        #expect(done.exit == 0 && done.output.hasPrefix("intact: 21 entries, 2 without body"), "\(done.output)")
        let forged = try await verify(fixture.store.snapshot, key: key, sql: rows + "INSERT INTO redactions VALUES(5,\(row));")
        #expect(forged.output.contains("redaction 5:"), "\(forged.output)")
    }

    @Test("It tells a pruned body from a missing one", .enabled(if: Program.python != nil, "there is no python3"))
    func pruned() async throws {
        let aging = try AgingTrail()
        try await aging.append(20)
        aging.pass(days: 40)
        try await aging.append(5)
        let key = aging.signer.verifierKey.description
        let plan = try await aging.plan([3, 4, 5, 9], olderThan: 35)
        #expect(try await verify(aging.store.snapshot, key: key).exit == 0, "a plan that is under way")
        try aging.prune([3, 4], plan)
        #expect(try await verify(aging.store.snapshot, key: key).output.hasPrefix("intact: 26 entries, 2 without body"))
        try await aging.finish()
        let left = try await verify(aging.store.snapshot, key: key)
        #expect(left.output.contains("retention 5:") && left.output.contains("retention 9:"), "\(left.output)")
        try aging.prune([5, 9], plan)
        let done = try await verify(aging.store.snapshot, key: key)
        #expect(done.exit == 0 && done.output.hasPrefix("intact: 27 entries, 4 without body"), "\(done.output)")
        let without = try await verify(aging.store.snapshot, key: key, sql: "DELETE FROM plans;")
        #expect(without.output.contains("missing 3:") && without.output.contains("missing 9:"), "\(without.output)")
        let young = try await aging.plan([21], olderThan: 0)
        try aging.prune([21], young)
        let tooYoung = try await verify(aging.store.snapshot, key: key)
        #expect(tooYoung.output.hasPrefix("missing 21:"), "\(tooYoung.output)")
    }

    @Test("It refuses a proof that was changed", .enabled(if: Program.python != nil, "there is no python3"))
    func changedProofs() async throws {
        let fixture = try TrailFixture()
        try await fixture.append(20)
        let key = fixture.signer.verifierKey.description
        let changed = [
            try await writeProof(fixture.trail, of: 3) { $0.proof = $0.proof.replacing("index 3", with: "index 4") },
            try await writeProof(fixture.trail, of: 3) { $0.proof = $0.proof.replacing("\n20\n", with: "\n21\n") },
            try await writeProof(fixture.trail, of: 3) { json in
                var lines = json.proof.split(separator: "\n", omittingEmptySubsequences: false)
                lines.remove(at: 3)
                json.proof = lines.joined(separator: "\n")
            },
        ]
        defer { for proof in changed { try? FileManager.default.removeItem(atPath: proof) } }
        for proof in changed {
            let found = try await verify(fixture.store.snapshot, key: key, options: [proof])
            #expect(found.exit == 1, "\(found.output)")
        }
    }

    @Test(
        "It finds what was done to a trail", .enabled(if: Program.python != nil, "there is no python3"),
        arguments: Attack.onBodies + Attack.onTree + Attack.onIndex + Attack.onCheckpoints)
    func attacks(attack: Attack) async throws {
        let fixture = try TrailFixture()
        try await fixture.append(600)
        var contents = fixture.store.snapshot
        try attack.change(&contents, fixture.signer)
        let found = try await verify(contents, key: fixture.signer.verifierKey.description)
        #expect(found.exit == 1, "\(found.output)")
        // The script has no kind of its own for a tile that should not be there.
        let kinds = attack.kind == .stray ? ["stray", "tile"] : [attack.kind.rawValue]
        #expect(
            found.output.split(separator: "\n").contains { line in kinds.contains { line.hasPrefix($0) } },
            "expected \(kinds):\n\(found.output)")
    }
}
