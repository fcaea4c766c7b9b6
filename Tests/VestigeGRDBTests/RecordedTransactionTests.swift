import Foundation
import GRDB
import Synchronization
import Testing
import VestigeCore
import VestigeGRDB
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("A recorded transaction")
struct RecordedTransactionTests {
    @Test("What was created, changed and deleted stands in the trail with before and after")
    func beforeAndAfter() async throws {
        let host = try await Host()
        let created = try await host.write { try $0.create(Person(name: "Bo", email: "bo@example.org", salary: 5)) }
        let id = try #require(created.id)
        try await host.write { try $0.update(Person.self, id: id) { $0.email = "bo@example.com" } }
        let deleted = try await host.write { try $0.delete(Person.self, id: id) }
        #expect(deleted?.email == "bo@example.com")

        let entries = try await host.entries()
        #expect(entries.map { $0.header?.action } == ["user.created", "user.updated", "user.deleted"])
        #expect(entries.allSatisfy { $0.subjects.map(\.recordID) == ["\(id)"] && $0.actor?.name == "Ana Lima" })
        #expect(entries[0].changes["email"] == FieldChange(before: nil, after: "bo@example.org"))
        #expect(entries[0].changes["born"] == FieldChange(before: nil, after: .null))
        #expect(entries[1].changes == ["email": FieldChange(before: "bo@example.org", after: "bo@example.com")])
        #expect(entries[2].changes["email"] == FieldChange(before: "bo@example.com", after: nil))
        #expect(try await host.database.waiting() == 0)
    }

    @Test("A closure that throws leaves neither rows nor entries")
    func rolledBack() async throws {
        struct Stop: Error {}
        let host = try await Host()
        let transaction: @Sendable (RecordedTransaction) throws -> Void = { transaction in
            try transaction.create(Person(name: "Bo"))
            throw Stop()
        }
        await #expect(throws: Stop.self) { try await host.write(transaction) }
        #expect(try await host.people().isEmpty)
        #expect(try await host.entries().isEmpty)
    }

    @Test("A change whose entry is refused is undone, also when the closure goes on")
    func refusedChange() async throws {
        let host = try await Host()
        try await host.write { transaction in
            try transaction.create(Device(id: "D-1", serial: "a", assignedTo: nil))
            // Ids of this type stand in clear, so they are codes.
            #expect(throws: RecordingError.self) { try transaction.create(Device(id: "not a code", serial: "b", assignedTo: nil)) }
        }
        #expect(try await host.pool.read { try Device.fetchAll($0).map(\.id) } == ["D-1"])
        #expect(try await host.actions() == ["hardware.created"])
    }

    @Test("A savepoint that the host takes back takes its entries with it")
    func savepoint() async throws {
        let host = try await Host()
        let slot = RecordingSlot(peer: nil)
        slot.actor = Host.ana
        try await AuditScope.$current.withValue(.request(slot)) {
            try await host.database.write { transaction in
                try transaction.create(Person(name: "stays"))
                try transaction.db.inSavepoint {
                    try transaction.create(Device(id: "D-1", serial: "a", assignedTo: nil))
                    return .rollback
                }
            }
        }
        #expect(try await host.actions() == ["user.created"])
        #expect(slot.recorded(.init(event: "created", record: "user")))
        #expect(!slot.recorded(.init(event: "created", record: "hardware")))
    }

    @Test("Saving what was there already is no change, but a look: same values, nil for NULL, a time with another precision")
    func noChange() async throws {
        let host = try await Host()
        let born = Date(timeIntervalSince1970: 1_000_000.123)
        let id = try #require(try await host.write { try $0.create(Person(name: "Bo", born: born)) }.id)
        try await host.write { try $0.update(Person.self, id: id) { $0.name = "Bo" } }
        try await host.write { try $0.update(Person.self, id: id) { $0.email = nil } }
        // SQLite keeps milliseconds.
        try await host.write { try $0.update(Person.self, id: id) { $0.born = born.addingTimeInterval(0.0003) } }
        try await host.write { try $0.updateAll(Person.all()) { $0.name = $0.name } }
        // A look does not wait for what the outbox brings a moment later.
        let actions = try await host.actions().compactMap { $0 }.sorted()
        #expect(actions == Array(repeating: "pii.read.user", count: 4) + ["user.created"])
    }

    @Test("What an update leaves as it was is handed out, so it is a look: one for each type, taken before the data is there")
    func unchangedIsSeen() async throws {
        let host = try await Host()
        try await host.fill(5)
        let slot = RecordingSlot(peer: nil)
        slot.actor = Host.ana
        try await AuditScope.$current.withValue(.request(slot)) {
            try await host.database.write { try $0.update(Person.self, id: 1) { _ in } }
            try await host.database.write { transaction in
                for id in 1...3 { try transaction.update(Person.self, id: id) { _ in } }
                try transaction.updateAll(Person.filter(Column("id") > 2)) { if $0.id == 5 { $0.salary += 1 } }
            }
        }
        #expect(slot.recorded(.init(event: "updated", record: "user", id: "1")))
        let looks = slot.settle()
        #expect(looks.map(\.record.id) == ["1", nil])
        #expect(looks[1].subjects?.map(\.id) == ["1", "2", "3", "4"])
        #expect(try await host.actions() == ["user.updated"])
        // Nobody who cannot be recorded to have seen it gets it.
        host.vestige.trailStore.failNextCommits(.max)
        let see: @Sendable (RecordedTransaction) throws -> Person? = { try $0.update(Person.self, id: 1) { _ in } }
        await #expect(throws: RecordingError.self) { try await host.write(see) }
    }

    @Test("An entry of a transaction brings no id of its own, since a second commit under it would stand without one")
    func ownID() async throws {
        let host = try await Host()
        let record: @Sendable (RecordedTransaction) throws -> Void = { transaction in
            var entry = Entry(event: "updated", record: RecordReference(type: "user", id: "1"))
            entry.id = EntryID.make(at: Timestamp(microseconds: 1_780_000_000_000_000))
            try transaction.record(entry)
        }
        let error = await #expect(throws: RecordingError.self) { try await host.write(record) }
        guard case .refused(member: "id", _)? = error else {
            Issue.record("it was not refused for its id")
            return
        }
        #expect(try await host.entries().isEmpty)
    }

    @Test("A column that the record does not name is saved, and the record was seen")
    func unnamedColumn() async throws {
        let host = try await Host()
        try await host.fill(1)
        try await host.write { try $0.update(Person.self, id: 1) { $0.note = "checked" } }
        #expect(try await host.people()[0].note == "checked")
        #expect(try await host.actions() == ["pii.read.user"])
    }

    @Test("What a trigger made of a change is part of it")
    func trigger() async throws {
        let host = try await Host()
        try await host.fill(1)
        try await host.pool.write { db in
            try db.execute(
                sql: """
                    CREATE TRIGGER raise AFTER UPDATE OF name ON person BEGIN UPDATE person SET salary = salary + 1 WHERE id = new.id; END;
                    CREATE TRIGGER greet AFTER INSERT ON person BEGIN UPDATE person SET salary = 7 WHERE id = new.id; END
                    """)
        }
        let updated = try await host.write { try $0.update(Person.self, id: 1) { $0.name = "other" } }
        #expect(updated?.salary == 101)
        let created = try await host.write { try $0.create(Person(name: "new")) }
        #expect(created.salary == 7)
        let entries = try await host.entries()
        #expect(entries[0].changes["salary"] == FieldChange(before: .integer(100), after: .integer(101)))
        #expect(entries[1].changes["salary"] == FieldChange(before: nil, after: .integer(7)))
    }

    @Test("Nothing there to change or delete is an answer, and no entry")
    func notThere() async throws {
        let host = try await Host()
        #expect(try await host.write { try $0.update(Person.self, id: 99) { $0.name = "x" } } == nil)
        #expect(try await host.write { try $0.delete(Person.self, id: 99) } == nil)
        #expect(try await host.entries().isEmpty)
    }

    @Test("A change cannot give a record another id")
    func otherID() async throws {
        let host = try await Host()
        try await host.fill(1)
        let move: @Sendable (RecordedTransaction) throws -> Person? = { try $0.update(Person.self, id: 1) { $0.id = 2 } }
        await #expect(throws: RecordingError.self) { try await host.write(move) }
        #expect(try await host.people().map(\.id) == [1])
    }

    @Test("300 people changed at once are one act, and each finds only their own before and after in it")
    func bulk() async throws {
        let host = try await Host()
        try await host.fill(301)
        let changed = try await host.write { try $0.updateAll(Person.filter(Column("id") <= 300)) { $0.salary += Int($0.id ?? 0) } }
        #expect(changed.count == 300)
        let parts = try await host.entries()
        #expect(Set(parts.map { $0.header?.action }) == ["user.updated"])
        #expect(Set(parts.map { $0.header?.correlationID }).count == 1)
        #expect(parts.compactMap { $0.header?.part?.n } == (parts.count > 1 ? Array(1...parts.count) : []))
        var seen = Set<String>()
        for subject in parts.flatMap(\.subjects) {
            let id = try #require(try await host.id(of: subject))
            let raise = try #require(Int64(id))
            #expect(subject.changes == ["salary": FieldChange(before: .integer(100), after: .integer(100 + raise))])
            seen.insert(id)
        }
        #expect(seen == Set((1...300).map(String.init)))

        let deleted = try await host.write { try $0.deleteAll(Person.filter(Column("id") > 298)) }
        #expect(deleted.count == 3)
        #expect(try await host.entries().last?.subjects.count == 3)
    }

    @Test("Where a device changes hands, before goes to the old person and after to the new one")
    func changesHands() async throws {
        let host = try await Host()
        try await host.write { try $0.create(Device(id: "D-1", serial: "a", assignedTo: 1)) }
        try await host.write { try $0.update(Device.self, id: "D-1") { $0.assignedTo = 2 } }
        let move = try #require(try await host.entries().last)
        var sides: [String: FieldChange] = [:]
        for subject in move.subjects { sides[try #require(try await host.id(of: subject))] = subject.changes["assigned_to"] }
        #expect(sides == ["1": FieldChange(before: .integer(1), after: nil), "2": FieldChange(before: nil, after: .integer(2))])
        #expect(move.header?.record?.id == "D-1")
    }

    @Test("Whoever is new is made known, and the closure runs again with all of them")
    func newPeople() async throws {
        let host = try await Host()
        let runs = Mutex(0)
        try await host.write { transaction in
            runs.withLock { $0 += 1 }
            for place in 0..<40 { try transaction.create(Person(name: "name-\(place)")) }
        }
        #expect(runs.withLock { $0 } == 2)
        #expect(try await host.people().count == 40)
        #expect(try await host.entries().count == 40)
    }

    @Test("Many who create at once, with ids that the database gives, do not keep each other from it")
    func contention() async throws {
        let host = try await Host()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<100 { group.addTask { try await host.write { try $0.create(Person(name: "name-\(place)")) } } }
            try await group.waitForAll()
        }
        #expect(try await host.entries().compactMap { $0.subjects.first?.recordID } == (1...100).map(String.init))
    }

    @Test("A savepoint taken back takes back those who were to be made known in it")
    func openSavepoint() async throws {
        let host = try await Host()
        try await host.fill(1)
        try await host.write { transaction in
            try transaction.db.inSavepoint {
                try transaction.delete(Person.self, id: 1)
                return .rollback
            }
            // It takes the place in the outbox that the savepoint gave back.
            try transaction.create(Device(id: "D-1", serial: "a", assignedTo: nil))
        }
        #expect(try await host.actions() == ["hardware.created"])
        #expect(host.database.damaged == 0)
        #expect(try await host.people().count == 1)
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "1"), as: .subject) == .unknown)
    }

    @Test("A transaction may take longer than keys in memory count as certain")
    func longTransaction() async throws {
        let host = try await Host { Timestamp(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000)) }
        try await host.write { transaction in
            try transaction.create(Person(name: "a"))
            Thread.sleep(forTimeInterval: 1.4)
            try transaction.create(Person(name: "b"))
        }
        #expect(try await host.actions() == ["user.created", "user.created"])
    }

    @Test("An entry of the host's own stands or falls with the transaction")
    func ownEntry() async throws {
        struct Stop: Error {}
        let host = try await Host()
        try await host.fill(1)
        let role = Entry(
            event: "role_changed", action: "security.role_changed", subjects: [EntrySubject(try SubjectID(type: "user", id: "1"))])
        try await host.write { try $0.record(role) }
        let stopped: @Sendable (RecordedTransaction) throws -> Void = {
            try $0.record(role)
            throw Stop()
        }
        await #expect(throws: Stop.self) { try await host.write(stopped) }
        #expect(try await host.actions() == ["security.role_changed"])
    }

    @Test("Without somebody who acts a change is refused and undone")
    func nobodyActs() async throws {
        let host = try await Host()
        let create: @Sendable (RecordedTransaction) throws -> Person = { try $0.create(Person(name: "Bo")) }
        await #expect(throws: RecordingError.self) { try await host.database.write(create) }
        #expect(try await host.people().isEmpty)
        try await Vestige.as(.system("nightly")) { _ = try await host.database.write(create) }
        let entry = try #require(try await host.entries().first)
        #expect(entry.actor?.type == "system")
        #expect(entry.actor?.id == "nightly")
    }

    @Test("A caller who hangs up cancels neither the commit nor its entry")
    func cancelled() async throws {
        let host = try await Host()
        for place in 0..<20 {
            let task = Task { try await host.write { try $0.create(Person(name: "name-\(place)")) } }
            if place.isMultiple(of: 2) { await Task.yield() }
            task.cancel()
            _ = await task.result
        }
        #expect(try await host.people().count == 20)
        #expect(try await host.entries().count == 20)
    }
}
