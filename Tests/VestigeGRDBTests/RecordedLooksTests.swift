import GRDB
import Testing
import VestigeCore
import VestigeGRDB
import VestigeInquiry
import VestigeTesting
import VestigeTrail
import VestigeVault

@Suite("Looks at a recorded database")
struct RecordedLooksTests {
    @Test("A record that is fetched is recorded with the fields shown, before it is handed out")
    func fetch() async throws {
        let host = try await Host()
        try await host.fill(2)
        let person = try await host.asAna { try await host.database.fetch(Person.self, id: 2, showing: ["name"]) }
        #expect(person?.name == "name-2")
        let entry = try #require(try await host.entries().first)
        #expect(entry.header?.action == "pii.read.user")
        #expect(entry.header?.fields == ["name"])
        #expect(entry.subjects.first?.recordID == "2")
    }

    @Test("A look at nobody is recorded as failed and makes nobody known")
    func notThere() async throws {
        let host = try await Host()
        #expect(try await host.asAna { try await host.database.fetch(Person.self, id: 404) } == nil)
        let entry = try #require(try await host.entries().first)
        #expect(entry.header?.status == .failure)
        #expect(entry.tried == "404")
        #expect(try await host.vestige.vault.standing(of: SubjectID(type: "user", id: "404"), as: .subject) == .unknown)
    }

    @Test("When the look cannot be recorded the data is not handed out")
    func refused() async throws {
        let host = try await Host()
        try await host.fill(1)
        await #expect(throws: RecordingError.self) { try await host.database.fetch(Person.self, id: 1) }
        host.vestige.trailStore.failNextCommits(.max)
        await #expect(throws: RecordingError.self) { try await host.asAna { try await host.database.fetch(Person.self, id: 1) } }
    }

    @Test("A list is one entry for all who are on it")
    func list() async throws {
        let host = try await Host()
        try await host.fill(50)
        let found = try await host.asAna { try await host.database.list(Person.filter(Column("id") > 20).order(Column("id"))) }
        #expect(found.count == 30)
        let entries = try await host.entries()
        #expect(entries.count == 1)
        #expect(entries.first?.header?.subjects.count == 30)
    }

    @Test("In a request a look waits for the request's own entry")
    func request() async throws {
        let host = try await Host()
        try await host.fill(1)
        let slot = RecordingSlot(peer: nil)
        slot.actor = Host.ana
        try await AuditScope.$current.withValue(.request(slot)) {
            _ = try await host.database.fetch(Person.self, id: 1)
        }
        #expect(try await host.entries().isEmpty)
        #expect(slot.settle().map(\.record.id) == ["1"])
    }

    @Test("Whoever stops in the middle of a download is recorded to have seen the pages handed out, and no others")
    func pages() async throws {
        let host = try await Host()
        try await host.fill(95)
        var seen: [Int64] = []
        try await host.asAna {
            for try await page in host.database.pages(of: Person.order(Column("id").desc), size: 10) {
                seen += page.compactMap(\.id)
                #expect(try await host.vestige.recorded().reduce(0) { $0 + $1.subjects.count } == seen.count)
                if seen.count == 30 { break }
            }
        }
        #expect(seen == (66...95).reversed().map { Int64($0) })
        let entries = try await host.entries()
        #expect(entries.map { $0.header?.subjects.count } == [10, 10, 10])
        var named: Set<String> = []
        for subject in entries.flatMap({ $0.header?.subjects ?? [] }) {
            named.insert(try #require(try await host.vestige.vault.resolve(subject)?.id))
        }
        #expect(named == Set((66...95).map(String.init)))
    }

    @Test("A download names everybody on it, also of a type whose lists the policy does not log")
    func unlogged() async throws {
        let host = try await Host()
        try await host.pool.write { db in
            for place in 1...25 {
                var device = Device(id: "D-\(place)", serial: "s", assignedTo: Int64(place))
                try device.insert(db)
            }
        }
        try await host.asAna { for try await _ in host.database.pages(of: Device.all(), size: 10, showing: ["serial"]) {} }
        let headers = try await host.entries().compactMap(\.header)
        #expect(headers.map(\.subjects.count) == [10, 10, 5])
        #expect(headers.allSatisfy { $0.fields == ["serial"] })
    }

    @Test("Pages keep to the request's filter, order and limit, and leave out who was deleted meanwhile")
    func wholeDownload() async throws {
        let host = try await Host()
        try await host.fill(60)
        var sizes: [Int] = []
        var seen: [Int64] = []
        try await host.asAna {
            let pages = host.database.pages(of: Person.filter(Column("id") > 10).order(Column("id")).limit(35, offset: 5), size: 10)
            for try await page in pages {
                if sizes.isEmpty { _ = try await host.pool.write { try Person.filter((26...36).contains(Column("id"))).deleteAll($0) } }
                sizes.append(page.count)
                seen += page.compactMap(\.id)
            }
        }
        #expect(seen == (16...25).map { Int64($0) } + (37...50).map { Int64($0) })
        #expect(sizes == [10, 9, 5])
    }
}
