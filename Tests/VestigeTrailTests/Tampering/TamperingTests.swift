import Foundation
import TestSupport
import Testing
import VestigeCrypto
import VestigeSQLite

@testable import VestigeTrail

/// The trail that is attacked, and the files that may be put in its place; each made once.
private enum Victim {
    static let trail = Task { try await TrailFile.make(600) }
    private static let older = Task { try await TrailFile.make(500) }
    private static let forged = Task { try await TrailFile.make(600, seed: 66) }
    private static let pruned = Task { try await TrailFile.make(600, prunes: true) }
    private static let another = Task {
        try await TrailFile.make(600, identity: TrailIdentity(id: .random(), origin: "vestige.local/another"))
    }

    /// A directory with the trail's file, or with the one that is put in its place.
    static func directory(_ file: String? = nil) async throws -> ScratchDirectory {
        let source =
            switch file {
            case "older": older
            case "forged": forged
            case "pruned": pruned
            case "another": another
            default: trail
            }
        let directory = try ScratchDirectory()
        try directory.write(try await source.value.closed, "trail.sqlite")
        return directory
    }
}

@Suite("What is done to a trail's file", .timeLimit(.minutes(60)))
struct TamperingTests {
    @Test("The attacks are there, and without any the trail is intact")
    func untouched() async throws {
        #expect(FileAttack.all.count >= 80)
        let directory = try await Victim.directory()
        let newest = try await Victim.trail.value.newest
        for threads in [1, 3] {
            #expect(try TamperingTests.findings(in: directory.path, newest: newest, threads: threads) == [])
        }
        #expect(TamperingTests.refusal(in: directory.path) == nil)
        // The same trail sixty days on, with a plan and without what it took.
        let pruned = try await Victim.directory("pruned")
        #expect(try TamperingTests.findings(in: pruned.path, newest: newest) == [])
    }

    /// What `vestige verify` finds in a trail beside a checkpoint that somebody else kept.
    ///
    /// - Parameter threads: with more than one, the entries are examined in parts of one tile each, and the index by term in stretches.
    static func findings(in directory: String, newest: String, threads: Int = 1) throws -> [TrailFinding] {
        let signer = try TrailFile.signer()
        let store: SQLiteTrailStore
        do {
            store = try SQLiteTrailStore.open(in: directory)
        } catch {
            return [TrailFinding(.database, seq: nil, "\(error)")]
        }
        defer { try? store.close() }
        guard store.identity.origin == signer.origin else {
            return [TrailFinding(.checkpoint, seq: nil, "the keyring signs for another trail than this one")]
        }
        var plan = VerificationPlan(others: [newest], threads: threads)
        if threads > 1 { (plan.partCount, plan.splitTermCount) = (UInt64(Tile.width), 0) }
        return try TrailVerifier(store: store, key: signer.verifierKey, plan: plan).verify().findings
    }

    /// The message with which opening is refused.
    static func refusal(in directory: String) -> String? {
        do {
            let store = try SQLiteTrailStore.open(in: directory)
            defer { try? store.close() }
            _ = try Trail.open(store: store, signer: TrailFile.signer(), clock: { TrailFile.clock(1000) })
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func attacked(_ attack: FileAttack) async throws -> ScratchDirectory {
        let directory = try await Victim.directory(attack.file)
        let refusal = try Attacker(path: directory.file("trail.sqlite")).run(attack.sql, withoutRules: attack.refused != nil)
        #expect(refusal == nil)
        return directory
    }

    @Test(
        "The rules of the file refuse what was recorded to be changed, where they can",
        arguments: FileAttack.all.filter { $0.refused != nil })
    func rules(attack: FileAttack) async throws {
        let directory = try await Victim.directory(attack.file)
        #expect(try Attacker(path: directory.file("trail.sqlite")).run(attack.sql, withoutRules: false) == attack.refused)
    }

    @Test("Around the rules it is found and named, and opening refuses what it builds on", arguments: FileAttack.all)
    func found(attack: FileAttack) async throws {
        let directory = try await attacked(attack)
        let findings = try TamperingTests.findings(in: directory.path, newest: try await Victim.trail.value.newest)
        let named = Set(findings.map { finding in finding.kind.rawValue + (finding.seq.map { " \($0)" } ?? "") })
        #expect(named == attack.finds, "\(findings)")
        let byMany = try TamperingTests.findings(in: directory.path, newest: try await Victim.trail.value.newest, threads: 3)
        #expect(byMany == findings)
        let refusal = TamperingTests.refusal(in: directory.path)
        if let opening = attack.opening {
            #expect(refusal?.contains(opening) == true, "\(refusal ?? "it opened")")
        } else {
            #expect(refusal == nil)
        }
    }

    /// Runs the outside verifier over several files in one process. For each: its name, its output and its exit code, and a record separator.
    private static let driver = """
        import runpy, sys
        script, key, directory, *names = sys.argv[1:]
        main = runpy.run_path(script)["main"]
        for name in names:
            print(name)
            sys.argv = [script, f"{directory}/{name}", key, "--against", f"{directory}/newest"]
            print(main(), end="\u{1E}")
        """

    @Test("A verifier that shares no code with us finds it too", .enabled(if: Program.python != nil, "there is no python3"))
    func outside() async throws {
        let directory = try ScratchDirectory()
        try directory.write(Array(try await Victim.trail.value.newest.utf8), "newest")
        for attack in FileAttack.all { try directory.write(try await attacked(attack).bytes("trail.sqlite"), attack.name) }
        let script = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "verify_trail.py")
        let key = try TrailFile.signer().verifierKey.description
        let ran = try await Program.run(
            "python3", ["-c", TamperingTests.driver, script.path, key, directory.path] + FileAttack.all.map(\.name))
        #expect(ran.exit == 0, "\(ran.output)")
        var answers: [Substring: [Substring]] = [:]
        for answer in ran.output.split(separator: "\u{1E}") {
            let lines = answer.split(separator: "\n")
            answers[lines.first ?? ""] = Array(lines.dropFirst())
        }
        for attack in FileAttack.all {
            let lines = answers[attack.name[...]] ?? []
            let isIntact = lines.last == "0"
            #expect(isIntact == (attack.outside == ["nothing"]) && ["0", "1"].contains(lines.last), "\(attack.name): \(lines)")
            guard !isIntact else { continue }
            for finding in attack.outside { #expect(lines.contains { $0.hasPrefix(finding) }, "\(attack.name): \(finding) in \(lines)") }
        }
    }
}
