import Foundation
import Logging
import VestigeCore
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

@testable import PeopleDirectory

/// The directory with a database of its own, in a folder that goes when the host goes, and Vestige in memory.
final class DirectoryHost: Sendable {
    let vestige: InMemoryVestige
    let generator = PersonGenerator()
    let people: [MadeUpPerson]
    let devices: [Hardware]
    let store: DirectoryStore
    let app: DirectoryApp
    let folder: URL

    /// - Parameter policy: In place of the directory's own.
    init(policy: Policy? = nil) async throws {
        people = generator.people()
        devices = generator.hardware(for: people)
        vestige = try await InMemoryVestige(policy: try policy ?? DirectoryPolicy.parsed())
        folder = FileManager.default.temporaryDirectory.appending(path: "people-directory-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        do {
            store = try await DirectoryStore(path: folder.appending(path: "directory.sqlite").path, values: vestige.recorder.values)
            var logger = Logger(label: "directory-test")
            logger.logLevel = .critical
            app = try await DirectoryApp(store: store, recorder: vestige.recorder, logger: logger)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func serve<Outcome: Sendable>(_ body: @escaping @Sendable (Browser) async throws -> Outcome) async throws -> Outcome {
        try await app.serve { port in try await body(Browser(port: port)) }
    }

    /// The same, for somebody of this role who has signed in.
    func serve<Outcome: Sendable>(
        as role: Role, _ body: @escaping @Sendable (Browser, MadeUpPerson) async throws -> Outcome
    ) async throws -> Outcome {
        let person = somebody(role)
        let passphrase = generator.passphrase(for: person.id)
        return try await serve { browser in
            var signedIn = browser
            signedIn.cookie = try await browser.signIn(person, passphrase: passphrase)
            return try await body(signedIn, person)
        }
    }

    /// Somebody as they stand in the table, with every column open; nil when there is none, or when one of them does not open.
    func stored(_ id: String) async throws -> MadeUpPerson? {
        guard let row = try await store.person(id, opening: nil), let name = row.name.value, let email = row.email.value,
            let phone = row.phone.value, let birthday = row.birthday.value, let salary = row.salary.value
        else { return nil }
        return MadeUpPerson(
            id: row.id, name: name, email: email, phone: phone, birthday: birthday, salary: salary, role: row.role,
            department: row.department)
    }

    /// Destroys somebody's keys, as `vestige erase` does.
    func erase(_ id: String) async throws {
        _ = try await vestige.rights.erase(
            ErasureOrder(
                subject: try SubjectID(type: Person.recordType, id: id), role: .both, caseReference: "T-1", purpose: "audit",
                actor: AuditActor(.user, id: "officer")))
    }

    /// The first one of this role.
    func somebody(_ role: Role) -> MadeUpPerson {
        people.first { $0.role == role } ?? people[0]
    }

    /// A member, another one for each place; the first is the one who signs in as a member.
    func member(_ place: Int) -> MadeUpPerson {
        people.filter { $0.role == .member }[place]
    }

    /// What the trail has once the outbox is empty, oldest first.
    func opened() async throws -> [OpenedEntry] {
        try await app.drain()
        return try await vestige.opened()
    }

    /// The same but for sign-ins, in the words of the plan.
    func acts() async throws -> [ExpectedEntry] {
        var acts: [ExpectedEntry] = []
        for entry in try await opened() where entry.header?.channel != "auth" { acts.append(try await act(entry)) }
        return acts
    }

    private func act(_ entry: OpenedEntry) async throws -> ExpectedEntry {
        guard let header = entry.header else { throw CancellationError() }
        var ids: [String] = []
        var changes: Set<ExpectedChange> = []
        for subject in entry.subjects {
            let id = try await vestige.vault.resolve(subject.pseudonym)?.id ?? "?"
            ids.append(id)
            for (field, change) in subject.changes { changes.insert(ExpectedChange(id, field, change)) }
        }
        for (field, change) in entry.clearChanges { changes.insert(ExpectedChange(nil, field, change)) }
        var record: String?
        if let handle = header.record?.handle { record = try await vestige.vault.resolve(handle)?.id }
        return ExpectedEntry(
            header.event, by: entry.actor?.id, header.record?.type ?? "", header.record?.id ?? entry.tried ?? record, subjects: ids,
            isSuccess: header.status == .success, purpose: header.purpose, page: entry.page, changes: changes)
    }
}

extension ExpectedChange {
    fileprivate init(_ subject: String?, _ field: String, _ change: FieldChange) {
        self.init(of: subject, field, from: Self.text(change.before), to: Self.text(change.after))
    }

    private static func text(_ value: FieldValue?) -> String? {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }
}
