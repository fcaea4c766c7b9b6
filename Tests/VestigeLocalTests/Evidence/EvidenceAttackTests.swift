import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeTesting

@Suite("An evidence pack that somebody changed", .enabled(if: Program.python != nil, "there is no python3"))
struct EvidenceAttackTests {
    @Test("is found out, whatever was changed")
    func changed() async throws {
        let made = try await MadePack(witness: InMemoryWitness(signingKey: try SigningKey.generate()), rotating: true)
        for (what, attack) in EvidenceAttack.all.sorted(by: { $0.key < $1.key }) {
            let copy = try await made.copy(changedBy: attack.change, mending: attack.mending)
            let found = try await made.check(["--key", made.summary.verifierKey], in: copy)
            #expect(found.exit == 1 && found.output.hasSuffix("broken\n"), "\(what): \(found.exit) \(found.output)")
            #expect(found.output.contains(attack.finding), "\(what): \(found.output)")
            // Whoever does not have the signing key cannot make the manifest hold either.
            if attack.mending { #expect(found.output.contains(EvidenceAttack.unbound), "\(what): \(found.output)") }
        }
    }

    @Test("is found out in every column of the table, and a table that was only written anew is not")
    func columns() async throws {
        let made = try await MadePack()
        let same = try await made.copy(changedBy: "cells(lambda rows: None)", mending: false)
        let whole = try await made.check(["--key", made.summary.verifierKey], in: same)
        #expect(whole.exit == 0, "\(whole.output)")
        // Many tables, one process: what the script compares them with stays the same.
        let script = """
            import csv, io, json, sys
            sys.dont_write_bytecode = True
            import verify
            read = lambda name: open(name, 'rb').read()
            manifest = verify.parse(read('manifest.json'))
            size, root = manifest['checkpoint']['size'], verify.unbase64(manifest['checkpoint']['root'])
            rows = list(csv.reader(io.StringIO(read('entries.csv').decode(), newline='')))
            at = next(n for n, row in enumerate(rows) if 'asked by telephone' in row[33])
            def found(number, at):
                changed = [[cell + 'x' if (n, place) == (at, number) else cell for place, cell in enumerate(row)] for n, row in enumerate(rows)]
                out, findings = io.StringIO(newline=''), []
                csv.writer(out, lineterminator='\\r\\n').writerows(changed)
                files = [io.BytesIO(data) for data in (read('entries.ndjson'), read('proofs.ndjson'), out.getvalue().encode())]
                verify.check_entries(*files, manifest['query'], size, root, findings)
                return findings
            assert found(-1, at) == []
            for number, column in enumerate(rows[0]):
                print(column.strip('\\ufeff'), found(number, at))
            """
        let found = try await Program.run("python3", ["-c", script], in: made.path)
        let lines = found.output.split(separator: "\n")
        #expect(lines.count == EntryCSV.columns.count && found.exit == 0, "\(found.output)")
        for (line, column) in zip(lines, EntryCSV.columns) {
            #expect(line.hasPrefix("\(column) ['table ") && line.contains(": its row says otherwise than the entry"), "\(line)")
        }
    }

    @Test("with the receipt of another pack of the same log is refused")
    func otherReceipt() async throws {
        let made = try await MadePack()
        let vestige = try await made.folder.open()
        let second = made.folder.path + "/second"
        try FileManager.default.createDirectory(atPath: second, withIntermediateDirectories: false)
        var order = made.summary.order
        order.record = try Reference("user/person-3")
        _ = try await vestige.evidence.write(order, into: second)
        try await vestige.close()
        #expect(try await made.check(["--key", made.summary.verifierKey], in: second).exit == 0)
        let copy = try await made.copy(changedBy: "raw('receipt.json', bytes_of('../second/receipt.json'))", mending: false)
        let found = try await made.check(["--key", made.summary.verifierKey], in: copy)
        #expect(found.exit == 1 && found.output.contains(EvidenceAttack.unbound), "\(found.output)")
    }

    @Test("into one of version 1 is never called intact: it says what binds nothing")
    func asVersion1() async throws {
        let made = try await MadePack()
        let change = """
            swapped('Ana Lima', 'Otto Berg', 'entries.ndjson', 'entries.csv')
            os.unlink('receipt.json')
            manifest(lambda m: [m.pop('salt'), m.pop('export'), m.update(vestige_evidence=1)])
            """
        let found = try await made.check(["--key", made.summary.verifierKey], in: try await made.copy(changedBy: change))
        #expect(found.exit == 3 && !found.output.contains("intact"), "\(found.output)")
        #expect(found.output.contains("not confirmed: version 1 of a pack has no receipt"), "\(found.output)")
    }

    @Test("does not print what somebody put into a name as lines of its own")
    func names() async throws {
        let made = try await MadePack()
        let copy = try await made.copy(changedBy: "raw('x\\nintact: everything\\x1b[31m', b'')", mending: false)
        let found = try await made.check(["--key", made.summary.verifierKey], in: copy)
        #expect(found.exit == 1 && !found.output.contains("\nintact") && !found.output.contains("\u{1B}"), "\(found.output)")
    }
}
