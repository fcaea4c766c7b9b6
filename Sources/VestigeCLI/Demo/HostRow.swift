import Foundation
import Glibc
import PeopleDirectory
import VestigeCore
import VestigeCrypto

/// One person as the example host itself has them: what its page shows, over real HTTP, and what stands in its database file.
struct HostRow {
    let host: DemoHost
    let person: String
    /// Personal values as they were when the row could still be read.
    let values: [(field: String, value: String)]
    private let admin: Person

    /// - Throws: ``Failure`` when the row cannot be read.
    init(_ host: DemoHost, person: String, besides others: Set<String>) async throws {
        guard let row = try await host.store.person(person, opening: nil), let name = row.name.value, let email = row.email.value,
            let phone = row.phone.value, let birthday = row.birthday.value
        else { throw Failure.refused("the demo found a wrong answer: the host cannot read its own row") }
        let admins = host.generator.people().filter { $0.role == .admin && !others.contains($0.id) && $0.id != person }
        guard let id = admins.first?.id, let admin = try await host.store.person(id) else {
            throw Failure.refused("the demo's directory has no admin")
        }
        self.host = host
        self.person = person
        self.admin = admin
        values = [("name", name), ("email", email), ("phone", phone), ("birthday", birthday)]
    }

    /// The person's page and somebody else's, as an admin gets them who signs in for it.
    func pages(and other: String) async throws -> (theirs: String, others: String) {
        try await host.app.serve { port in
            let client = try await DemoClient.signIn(admin, generator: host.generator, port: port)
            defer { client.close() }
            return (
                try await client.page("/people/\(person)", as: admin.id, purpose: "audit"),
                try await client.page("/people/\(other)", as: admin.id, purpose: "audit")
            )
        }
    }

    /// Those of the values that a page shows.
    func shown(on page: String) -> [(field: String, value: String)] {
        values.filter { page.contains(HostRow.escaped($0.value)) }
    }

    /// As a page writes it.
    private static func escaped(_ text: String) -> String {
        [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")].reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    /// How many of the values, and of the pseudonym's forms, stand somewhere in the files of the host's database.
    ///
    /// - Throws: ``Failure`` when the search does not even find what is there: the name of a table.
    func found(_ pseudonym: Bytes16) throws -> Int {
        var bytes = Data()
        for suffix in ["", "-wal"] { bytes += HostRow.read(host.database + suffix) }
        guard bytes.range(of: Data("CREATE TABLE people".utf8)) != nil else {
            throw Failure.refused("the demo found a wrong answer: the host's database file holds nothing")
        }
        let needles = values.map { Array($0.value.utf8) } + [pseudonym.bytes, Array(pseudonym.hex.utf8)]
        return needles.count { bytes.range(of: Data($0)) != nil }
    }

    /// The descriptor stays open until the process ends: closing it would drop the locks that SQLite holds on the file.
    private static func read(_ path: String) -> Data {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return Data() }
        var data = Data()
        var page = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(file, &page, page.count), count > 0 { data += page.prefix(count) }
        return data
    }
}
