import ArgumentParser
import Foundation
import GRDB
import VestigeCrypto
import VestigeLocal

/// How fast people are minted, and values sealed and indexed, beside GRDB inserting rows of the same bytes.
struct MintBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mint", abstract: "New people a second, durable, beside GRDB inserting rows of the same bytes into bare tables.")
    /// People in one commit of the vault, and so in one transaction of the bare tables.
    private static let batch = 1_000
    private static let field = "user.email"

    @OptionGroup var options: BenchOptions
    @Option(help: "People who are minted.")
    var people = 10_000
    @Option(help: "Values that are indexed one by one, each a commit of its own.")
    var indexed = 1_000

    func run() async throws {
        try await options.report(measure)
    }

    private func measure(in directory: String) async throws -> BenchReport {
        let vestige = try await BenchTrail.create(in: directory)
        let bare = try BareVault(path: directory + "/bare.sqlite")
        let subjects = try (0..<people).map { try SubjectID(type: "user", id: "minted-\($0)") }
        var (ours, theirs, sealing) = (Measures(), Measures(), Measures())
        for start in stride(from: 0, to: people, by: Self.batch) {
            let batch = Array(subjects[start..<min(start + Self.batch, people)])
            try await ours.time { _ = try await vestige.vault.admit(batch.map { ($0, .subject) }) }
            theirs.add(try bare.insert(batch.count))
            try await sealing.time {
                for subject in batch { _ = try await vestige.vault.seal("someone@example.org", for: subject, field: Self.field) }
            }
        }
        var (indexing, finding) = (Measures(), Measures())
        for subject in subjects.prefix(indexed) {
            try await indexing.time { try await vestige.vault.index(Array(subject.id.utf8), for: subject, field: Self.field) }
        }
        for subject in subjects.prefix(indexed) {
            let found = try await finding.time { try await vestige.vault.find(field: Self.field, equals: Array(subject.id.utf8)) }
            guard found == [subject] else { throw BenchError.environment("an indexed person was not found") }
        }
        var report = BenchReport("mint")
        report.set("people", people)
        report.set("people in a commit", Self.batch)
        report.add("Vestige", Double(people) / ours.sum, "people/s")
        report.add("bare tables by GRDB", Double(people) / theirs.sum, "people/s")
        report.ratio("Vestige / bare tables", theirs.sum / ours.sum)
        report.add("sealing a value of a loaded person", seconds: sealing.sum / Double(people))
        report.add("indexing a value, p50", seconds: indexing.median)
        report.add("finding by a value, p50", seconds: finding.median)
        try bare.close()
        try await vestige.close()
        return report
    }
}

/// The limit of `mint`: tables, indexes and settings of the vault's file, without triggers, checks and scrubbing; rows made beforehand.
private final class BareVault {
    private let queue: DatabaseQueue

    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON;
                    CREATE TABLE keys(pseudonym BLOB PRIMARY KEY, role INTEGER, state INTEGER, wrapped BLOB, identity BLOB, held INTEGER,
                        due INTEGER) WITHOUT ROWID;
                    CREATE TABLE directory(lookup BLOB, role INTEGER, locator BLOB, sealed BLOB, PRIMARY KEY(lookup, role)) WITHOUT ROWID;
                    CREATE INDEX by_locator ON directory(locator);
                    """)
        }
    }

    /// One transaction. Gives the time of the inserts alone.
    func insert(_ count: Int) throws -> Duration {
        let rows = (0..<count).map { _ -> (directory: StatementArguments, key: StatementArguments) in
            (
                [Data(Randomness.bytes(32)), 1, Data(Randomness.bytes(16)), Data(Randomness.bytes(61))],
                [Data(Randomness.bytes(16)), 1, 1, Data(Randomness.bytes(77)), Data(Randomness.bytes(137)), 0, nil]
            )
        }
        return try ContinuousClock().measure {
            try queue.write { db in
                let directory = try db.cachedStatement(sql: "INSERT INTO directory VALUES (?, ?, ?, ?)")
                let key = try db.cachedStatement(sql: "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)")
                for row in rows {
                    directory.setUncheckedArguments(row.directory)
                    try directory.execute()
                    key.setUncheckedArguments(row.key)
                    try key.execute()
                }
            }
        }
    }

    func close() throws { try queue.close() }
}
