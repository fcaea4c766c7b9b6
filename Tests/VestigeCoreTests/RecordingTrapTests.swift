import Dispatch
import Foundation
import TestSupport
import Testing
import VestigeCore
import VestigeCrypto
import VestigeInquiry
import VestigePolicy
import VestigeRights
import VestigeTesting
import VestigeTrail
import VestigeVault

/// A host's record for the traps: an email that is joined in from another table, an age that is computed, a moment.
private struct Patient: StoredRecord {
    static let recordType = "user"
    var id: String?
    var name: String? = "Carla Vex"
    var seenAt = Timestamp(microseconds: 1_780_000_000_000_000)
    var joinedEmail = "carla@example.org"
    var computedAge = 44

    var recordedFields: [String: FieldValue] {
        var fields: [String: FieldValue] = [
            "email": .text(joinedEmail), "age": FieldValue(computedAge), "seen_at": FieldValue(seenAt),
        ]
        if let name { fields["name"] = .text(name) }
        return fields
    }
}

/// One test for each line of "Recording" in the list of what went wrong in the systems nearest to ours, as far as the core can fall into it.
/// A record opened to be edited, and `X-Forwarded-For`, are the middleware's.
@Suite("Traps of recording")
struct RecordingTrapTests {
    private let people = MemoryRepository((0..<60).map { Person(id: "p\($0)", name: "Zebedee \($0)", email: "z\($0)@example.org") })

    private func store(_ vestige: InMemoryVestige) throws -> RecordedStore<MemoryRepository<Person>> {
        try RecordedStore(people, recorder: vestige.recorder)
    }

    @Test("The time of the flush was stored instead of the time of the view (objectstack #16829): both are kept")
    func flushTime() async throws {
        let now = Box(noon)
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: detail, on_failure: spool"), clock: { now.value })
        let store = try store(vestige)
        vestige.trailStore.failNextCommits(1_000_000)
        try await Vestige.as(ana) {
            _ = try await store.fetch(id: "p1")
            _ = try await store.update(id: "p2") { $0.name = "New" }
        }
        now.value = noon.adding(microseconds: 600_000_000)
        // An attempt that is under way has read the clock already; whatever comes after the next one has not.
        let failed = vestige.trailStore.failedCommitCount
        #expect(try await eventually { vestige.trailStore.failedCommitCount >= failed + 2 })
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        let entries = try await vestige.opened()
        #expect(entries.map { $0.header?.occurredAt } == [noon, noon])
        #expect(entries.map(\.recordedAt) == [now.value, now.value])
    }

    @Test("Fields reached through a computed or joined column went unnoticed (cap-js #103): they are fields like any other")
    func computedColumns() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try RecordedStore(MemoryRepository([Patient(id: "42")]), recorder: vestige.recorder)
        _ = try await Vestige.as(ana, purpose: "support") { try await store.fetch(id: "42") }
        let entry = try #require(try await vestige.opened().first)
        #expect(entry.header?.fields == ["email", "name"])
        #expect(entry.header?.other == 2)
        #expect(entry.subjects.first?.other == ["age", "seen_at"])
    }

    @Test("The log of looks stored the values that were looked at (OCA auditlog): names only, sealed or not")
    func valuesRead() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: list"))
        let store = try store(vestige)
        try await Vestige.as(ana) {
            _ = try await store.fetch(id: "p1")
            _ = try await store.list("p")
        }
        let entries = try await vestige.opened()
        #expect(entries.count == 2)
        for entry in entries {
            #expect(!"\(entry)".contains("Zebedee"))
            #expect(!"\(entry)".contains("z1@example.org"))
        }
    }

    @Test("50 rows listed made 50 entries (laravel-audit-chain; OCA #339; OpenEMR PR 13755): a list is one entry")
    func fiftyRows() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: list"))
        let store = try store(vestige)
        let page = try await Vestige.as(ana) { try await store.list("p") }
        #expect(page.count == 60)
        let headers = try await vestige.recorded()
        #expect(headers.map(\.subjects.count) == [60])
        #expect(try await vestige.trail.entries([0]).first?.body.map { try Payload(decoding: $0.payload).items.count } == 1)
    }

    @Test("Bulk updates were not logged (django-auditlog #203, #515, owen-it #642): one entry names everybody")
    func bulk() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        let ids = (0..<60).map { "p\($0)" }
        try await Vestige.as(ana) {
            _ = try await store.update(ids: ids) { $0.email = nil }
            _ = try await store.delete(ids: ids)
        }
        let headers = try await vestige.recorded()
        #expect(headers.map(\.action) == ["user.updated", "user.deleted"])
        #expect(headers.map(\.subjects.count) == [60, 60])
    }

    @Test("The actor stayed in a thread or fiber after a crash, and the wrong person was named (audited #601, #130, spatie #1054)")
    func wrongPerson() async throws {
        struct Collapse: Error {}
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: detail"))
        let store = try store(vestige)
        // Many actors over few threads, half of whose work collapses in the middle.
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try? await Vestige.as(AuditActor(.user, id: "u\(number)", name: "of p\(number % 60)")) {
                        _ = try await store.fetch(id: "p\(number % 60)")
                        await Task.yield()
                        if number.isMultiple(of: 2) { throw Collapse() }
                    }
                    #expect(AuditContext.current == nil)
                }
            }
        }
        let error = await #expect(throws: RecordingError.self) { try await store.fetch(id: "p1") }
        #expect(error?.member == "actor")
        let entries = try await vestige.opened()
        #expect(entries.count == 200)
        #expect(Set(entries.compactMap(\.actor?.id)).count == 200)
        #expect(entries.allSatisfy { $0.actor?.name == $0.subjects.first?.recordID.map { "of \($0)" } })
    }

    @Test("Four emitters did not honour closed mode (FerroEHR #3235): there is one door, and every way in is refused")
    func closedMode() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy(reads: "log: list"))
        let store = try store(vestige)
        let recorder = vestige.recorder
        let settled = RecordingSlot(peer: nil)
        _ = settled.settle()
        vestige.trailStore.failNextCommits(1_000_000)
        vestige.spool.refusesIntents = true
        vestige.spool.refusesKeeps = true
        let ways: [(String, @Sendable () async throws -> Void)] = [
            ("record", { _ = try await recorder.record(look(at: "p1")) }),
            ("recordDurably", { try await recorder.recordDurably(look(at: "p1")) }),
            ("fetch", { _ = try await store.fetch(id: "p1") }),
            ("fetch, not there", { _ = try await store.fetch(id: "nobody") }),
            ("list", { _ = try await store.list("p") }),
            ("streamed", { _ = try await inRequest(settled) { try await store.fetch(id: "p1") } }),
            ("create", { _ = try await store.create(Person(id: "new")) }),
            ("update", { _ = try await store.update(id: "p1") { $0.name = "New" } }),
            ("delete", { _ = try await store.delete(id: "p1") }),
            ("bulk update", { _ = try await store.update(ids: ["p1"]) { $0.name = "New" } }),
            ("bulk delete", { _ = try await store.delete(ids: ["p1"]) }),
            ("sign-in", { _ = try await recorder.recordSignIn(of: ana) }),
            ("sign-in that failed", { _ = try await recorder.recordSignInFailure(trying: "x") }),
            ("role", { _ = try await recorder.recordRoleChange(of: person("p1"), from: nil, to: "agent") }),
        ]
        for (name, way) in ways {
            var unavailable = false
            do {
                try await Vestige.as(ana) { try await way() }
            } catch RecordingError.unavailable {
                unavailable = true
            }
            #expect(unavailable, "\(name) went through")
        }
        #expect(people.changes == 0)
        #expect(people["new"] == nil)
        vestige.trailStore.failNextCommits(0)
        #expect(try await vestige.recorded().isEmpty)
    }

    @Test("A random nonce made every save look like a change (spatie #532): plaintext is compared, then sealed")
    func randomNonce() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let store = try store(vestige)
        try await Vestige.as(ana, purpose: "support") {
            _ = try await store.update(id: "p1") { $0.email = "new@example.org" }
            // A form sends back everything that it showed.
            _ = try await store.update(id: "p1") { $0 = Person(id: "p1", name: "Zebedee 1", email: "new@example.org") }
        }
        // The record that came back from the second was seen.
        #expect(try await vestige.recorded().map(\.event) == ["updated", "read"])
        #expect(try await vestige.recorded().first?.fields == ["email"])
    }

    @Test("Time zones made false differences (django-auditlog #82, #107, #528): a moment has one form, in UTC")
    func timeZones() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let moments = try ["2026-05-04T11:12:33+02:00", "2026-05-04T09:12:33Z"].map { text in
            Timestamp(microseconds: Int64(try Date(text, strategy: .iso8601).timeIntervalSince1970) * Timestamp.microsecondsPerSecond)
        }
        let (berlin, utc) = (moments[0], moments[1])
        let store = try RecordedStore(MemoryRepository([Patient(id: "42", seenAt: berlin)]), recorder: vestige.recorder)
        try await Vestige.as(ana, purpose: "support") {
            _ = try await store.update(id: "42") { $0.seenAt = utc }
            _ = try await store.update(id: "42") { $0.seenAt = utc.adding(microseconds: 1) }
        }
        #expect(
            try await vestige.opened().filter { $0.header?.event == "updated" }.map { $0.subjects.first?.changes } == [
                ["seen_at": FieldChange(before: "2026-05-04T09:12:33.000000Z", after: "2026-05-04T09:12:33.000001Z")]
            ])
    }

    @Test("None and absent were mixed up (django-auditlog #770): an empty field, an absent one and an empty text are three things")
    func noneAndAbsent() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let patients = try RecordedStore(MemoryRepository([Patient(id: "42", name: nil)]), recorder: vestige.recorder)
        let store = try store(vestige)
        try await Vestige.as(ana) {
            _ = try await patients.update(id: "42") { $0.name = "" }
            _ = try await patients.update(id: "42") { $0.name = nil }
            _ = try await store.update(id: "p1") { $0.email = nil }
            _ = try await store.update(id: "p1") { $0.email = "" }
        }
        #expect(
            try await vestige.opened().map { $0.subjects.first?.changes } == [
                ["name": FieldChange(before: nil, after: "")], ["name": FieldChange(before: "", after: nil)],
                ["email": FieldChange(before: "z1@example.org", after: .null)], ["email": FieldChange(before: .null, after: "")],
            ])
    }

    @Test(
        "Personal data sat in free text: reason, detail, description (rehearsal #100, pinchy #238): all of it is sealed, and goes with its key"
    )
    func freeText() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let secrets = ["Quintilla", "T-Quint-881", "quint@example.org", "shoe_of_quint", "/people/quint", "Quint GmbH"]
        let entry = Entry(
            event: "updated", actor: ana, record: RecordReference(type: "user", id: "quint"), fields: ["shoe_of_quint"],
            caseReference: "T-Quint-881", justification: "Quintilla called", page: "/people/quint",
            changes: ["employer_of_quint": FieldChange(before: "Quint GmbH", after: nil)], correlationID: "for Quintilla",
            description: "Reassigned \(personal: "quint@example.org") after \(clear: 3) days")
        _ = try await vestige.recorder.record(entry)
        try await vestige.recorder.act(entry) { _ in }
        for stored in try await vestige.trail.entries([0, 1]) {
            let header = String(decoding: try #require(stored.body).header, as: UTF8.self)
            #expect(header.contains("Reassigned {0} after {1} days"))
            for secret in secrets + ["quint"] { #expect(!header.contains(secret)) }
            let payload = String(decoding: try #require(stored.body).payload, as: UTF8.self)
            for secret in secrets { #expect(!payload.contains(secret)) }
        }
        _ = try await vestige.rights.erase(
            ErasureOrder(subject: person("quint"), role: .subject, caseReference: "E-1", purpose: "audit", actor: ana))
        // What the actor gave as a correlation is the actor's own, and stays.
        let after = try await vestige.opened().filter { $0.header?.action == "user.updated" }
        #expect(after.map(\.text) == ["Reassigned [erased] after 3 days", "Reassigned [erased] after 3 days"])
        #expect(after.allSatisfy { $0.caseReference == nil && $0.justification == nil && $0.page == nil && $0.clearChanges.isEmpty })
        #expect(after.allSatisfy { $0.subjects.allSatisfy { $0.changes.isEmpty && $0.other.isEmpty } })
    }

    @Test("Inserts in line cost seconds each (kortix #6618): what comes while a commit is under way shares the next one")
    func sharedCommits() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        let (trailStore, recorder) = (vestige.trailStore, vestige.recorder)
        let (began, queued) = (Box(false), Box(0))
        let mayEnd = DispatchSemaphore(value: 0)
        // A disk that stands still.
        DispatchQueue.global().async {
            trailStore.mutate { _ in
                began.value = true
                mayEnd.wait()
            }
        }
        #expect(try await eventually { began.value })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask { _ = try await recorder.record(look(at: "p\(number % 60)"), turn: nil) { queued.count() } }
            }
            #expect(try await eventually { queued.value == 500 })
            mayEnd.signal()
            try await group.waitForAll()
        }
        #expect(try await vestige.recorded().count == 500)
        #expect(vestige.trail.batches.median >= 250)
    }

    @Test("Queues dropped the oldest in silence (objectstack): of a flood during an outage every act is kept, in order")
    func flooded() async throws {
        let vestige = try await InMemoryVestige(policy: examplePolicy())
        vestige.trailStore.failNextCommits(1_000_000)
        for number in 0..<1000 {
            try await vestige.recorder.act(change(of: "p\(number)")) { $0.entry.changes = ["name": FieldChange(before: nil, after: "x")] }
        }
        #expect(vestige.spool.waiting == SpoolWaiting(kept: 1000))
        vestige.trailStore.failNextCommits(0)
        #expect(try await eventually { vestige.spool.waiting == SpoolWaiting() })
        #expect(try await vestige.opened().map { $0.subjects.first?.recordID } == (0..<1000).map { "p\($0)" })
    }
}

extension Box<Int> {
    fileprivate func count() {
        update { $0 += 1 }
    }
}
