import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigeLocal
import VestigeRights
import VestigeSQLite
import VestigeTrail
import VestigeVault

/// Everything that must hold in a data directory after a kill, once it was opened again and while nobody else has it open.
final class Inspection {
    /// Where the ledger's slots are said to stand.
    static let place = SlotPlace(trail: .zero, entry: .zero, slot: 0)

    private let vestige: LocalVestige
    private let ledger: Ledger
    private let day: Int
    private let store: SQLiteVaultStore
    private var problems: [String] = []
    private var erasedInTrail: Set<Pseudonym> = []

    init(_ vestige: LocalVestige, _ ledger: Ledger, day: Int) throws {
        self.vestige = vestige
        self.ledger = ledger
        self.day = day
        store = try SQLiteVaultStore.open(in: vestige.place.data)
    }

    func run() async throws -> [String] {
        try await erasuresInTrail()
        try await rows()
        try await keks()
        for person in try ledger.people() { try await check(person) }
        try await opensWhatItShould()
        expect(try await vestige.verify().findings.map { "\($0.kind): \($0.message)" }, [], "the trail")
        try store.close()
        return problems
    }

    private func expect<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) {
        if found != expected { problems.append("\(what): expected \(expected), found \(found)") }
    }

    // MARK: The trail

    private func headers(_ actions: String...) async throws -> [Header] {
        var query = IndexQuery(limit: IndexQuery.limitMax)
        query.actions = actions
        return try await vestige.trail.page(query).reversed().compactMap { try $0.body.map { try Header(decoding: $0.header) } }
    }

    /// Each erasure that was started is completed, once, with the same people; nobody is in two.
    private func erasuresInTrail() async throws {
        expect(try await vestige.vault.pendingErasures().count, 0, "erasures under way")
        var started: [String: [Pseudonym]] = [:]
        for header in try await headers("erasure.started") {
            guard case .code(let id)? = header.details["erasure"] else { continue }
            expect(started[id], nil, "a second erasure.started")
            started[id] = header.subjects.sorted()
            for pseudonym in header.subjects where !erasedInTrail.insert(pseudonym).inserted { problems.append("one key in two erasures") }
        }
        var completed: [String: [Pseudonym]] = [:]
        for header in try await headers("erasure.completed") {
            guard case .code(let id)? = header.details["erasure"] else { continue }
            expect(completed[id], nil, "a second erasure.completed")
            completed[id] = header.subjects.sorted()
        }
        expect(completed == started, true, "every erasure started (\(started.count)) is completed (\(completed.count))")
    }

    // MARK: The vault

    private func everything(_ table: WrappedTable) async throws -> [WrappedRow] {
        var rows: [WrappedRow] = []
        while true {
            let page = try await store.wrappedPage(of: table, after: rows.last?.name, limit: vaultBatchCountMax)
            if page.isEmpty { return rows }
            rows += page
        }
    }

    /// One key for each person and role, each with its directory row; no row of anybody who is gone.
    private func rows() async throws {
        var owners: Set<String> = []
        var active = 0
        var pseudonyms: [Pseudonym] = []
        for row in try await everything(.keys) { if case .key(let pseudonym, _) = row.name { pseudonyms.append(pseudonym) } }
        for place in stride(from: 0, to: pseudonyms.count, by: vaultBatchCountMax) {
            for case let row? in try await store.keys(Array(pseudonyms[place..<min(place + vaultBatchCountMax, pseudonyms.count)])) {
                guard row.state == .active else {
                    expect(row.state, .erased, "a key row's state")
                    expect(row.wrappedKey == nil && row.identity == nil && !row.held && row.dueDay == nil, true, "an erased row is empty")
                    expect(erasedInTrail.contains(row.pseudonym), true, "an erased key stands in the trail")
                    continue
                }
                active += 1
                expect(erasedInTrail.contains(row.pseudonym), false, "the trail says that a living key was destroyed")
                guard let owner = try await vestige.vault.resolve(row.pseudonym) else {
                    problems.append("a living key leads to nobody")
                    continue
                }
                if !owners.insert("\(row.role) \(owner.type)/\(owner.id)").inserted { problems.append("a second key of one person") }
            }
        }
        var directory: [DirectoryRow] = []
        while true {
            let page = try await store.directoryPage(after: directory.last?.key, limit: vaultBatchCountMax)
            if page.isEmpty { break }
            directory += page
        }
        let people = directory.filter { $0.key.role != .recordHandle }
        let locators = Set(people.map(\.locator))
        var links = 0
        for locator in locators { links += try await store.links(at: locator).count }
        expect(people.count, active + links, "directory rows of people, and living keys with links")
        for row in directory where row.key.role == .recordHandle && row.locator != .zero {
            expect(locators.contains(row.locator), true, "a record handle belongs to somebody living")
        }
        for row in try await everything(.blindIndex) {
            guard case .blind(let key) = row.name else { continue }
            expect(locators.contains(key.locator), true, "an indexed value belongs to somebody living")
        }
    }

    /// A KEK is gone only when nothing is under it, and each rotation stands in the trail once.
    private func keks() async throws {
        guard let meta = try await store.meta() else { throw Broken("the vault is empty") }
        let there = Set(try FileKeyring(directory: vestige.place.keyring).kekIDs())
        var used: Set<UInt32> = []
        for table in WrappedTable.allCases {
            for row in try await everything(table) where row.wrapped != nil { used.insert(row.kek ?? 0) }
        }
        expect(used.isSubset(of: there) && there.contains(meta.currentKEK), true, "\(used) in use are in the keyring (\(there))")
        expect(used.allSatisfy { $0 >= meta.leastKEK && $0 <= meta.currentKEK }, true, "\(used) in use, least \(meta.leastKEK)")
        let told = try await headers("key.rotated").compactMap { $0.details["kek"] }
        for (place, kek) in told.enumerated() where told[..<place].contains(kek) { problems.append("two key.rotated for one KEK: \(kek)") }
        if meta.leastKEK > 1 {
            for kek in 2...meta.leastKEK { expect(told.contains(.integer(Int64(kek))), true, "key.rotated for \(kek)") }
        }
    }

    // MARK: People

    private func check(_ person: Person) async throws {
        var person = person
        if !person.doubts.isEmpty { try await settle(&person) }
        for (role, known) in person.known {
            var state = known.state
            if role == .acting, state == .living, let due = person.due, due <= day { state = .erased }
            let what = "\(person.name) as \(role.word)"
            for identifier in [person.subject, person.link].compactMap({ $0 }) {
                let standing = try await vestige.vault.standing(of: identifier, as: role)
                expect(standing, state == .living ? .active(known.pseudonym) : .erased, "\(what), standing")
            }
            let opened = try await vestige.vault.open(known.slot, under: known.pseudonym, role: role, at: Self.place)
            expect(opened, state == .living ? .plaintext(Person.secret) : .erased, "\(what), slot")
            expect(try await vestige.vault.resolve(known.pseudonym) != nil, state == .living, "\(what), pseudonym")
            expect(erasedInTrail.contains(known.pseudonym), state == .erased, "\(what), entries")
        }
        // Also in a role in which they had no key.
        for role in person.erased {
            expect(try await vestige.vault.standing(of: person.subject, as: role), .erased, "\(person.name) as \(role.word)")
        }
        let isLiving = person.known[.subject]?.state == .living
        if person.hasEmail {
            let found = try await vestige.values.find("email", of: person.subject.type, equals: person.email)
            expect(found.count, isLiving ? 1 : 0, "\(person.name) is found by their address")
        }
        for note in person.notes {
            let handle = try await vestige.vault.standingOfHandle(forRecord: "note", id: note)
            expect(handle == .erased, !isLiving, "\(person.name)'s note is erased")
        }
    }

    /// An erasure that nobody saw the end of: all of its roles are erased, or all of them live. Neither is to change by itself. Where two
    /// were under way at once, one of them may have come to its end alone.
    private func settle(_ person: inout Person) async throws {
        let doubts = person.doubts
        let inDoubt = [KeyRole.subject, .acting].filter { person.known[$0]?.state == .inDoubt }
        var gone: [KeyRole] = []
        for role in inDoubt where try await vestige.vault.standing(of: person.subject, as: role) == .erased { gone.append(role) }
        for role in inDoubt {
            person.known[role]?.state = gone.contains(role) ? .erased : .living
            ledger.note(gone.contains(role) ? "erased" : "alive", person.name, role.word)
        }
        if person.due == nil, let acting = person.known[.acting], acting.state == .living {
            let due = try await vestige.vault.dueErasures(on: day + 1_000).first { $0.pseudonym == acting.pseudonym }
            if doubts.count == 1, doubts[0].defers, !gone.isEmpty { expect(due != nil, true, "\(person.name)'s acting key has its day") }
            if let due {
                person.due = due.dueDay
                ledger.note("due", person.name, String(due.dueDay))
            }
        }
        guard doubts.count == 1 else { return }
        expect(gone.isEmpty || gone == inDoubt, true, "\(person.name) is erased in all roles or in none")
        guard !gone.isEmpty else { return }
        // Those too in which they had no key.
        person.erased.formUnion(doubts[0].roles)
        ledger.note("erased", person.name, doubts[0].roles.map(\.word).joined(separator: ","))
    }

    /// The newest entries about one person: who lives has their page, who is erased has nothing.
    private func opensWhatItShould() async throws {
        var names: [Pseudonym: String] = [:]
        for person in try ledger.people() {
            guard let known = person.known[.subject], known.state == .living else { continue }
            names[known.pseudonym] = "/" + person.name
        }
        var query = IndexQuery(limit: 200)
        query.actions = ["pii.read.user", "pii.read.external"]
        for entry in try await vestige.inquiry.open(try await vestige.trail.page(query)) {
            guard let pseudonym = entry.header?.subjects.first else { continue }
            expect(entry.isUnreadable, false, "entry \(entry.seq) can be read")
            if let name = names[pseudonym] { expect(entry.page, name, "the page of entry \(entry.seq)") }
            if erasedInTrail.contains(pseudonym) { expect(entry.page, nil, "the page of an erased person's entry \(entry.seq)") }
        }
    }
}
