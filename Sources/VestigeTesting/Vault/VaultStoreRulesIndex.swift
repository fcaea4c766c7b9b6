import VestigeCrypto
import VestigeVault

extension VaultStoreConformance {
    static let linkRules: [Rule] = [
        Rule(sentence: "a linked name is found in the directory and among the links of its person, whose key row stays as it was") {
            store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            let names = [fixture.name(of: person), fixture.name(of: person)]
            try fixture.expect(try await store.link(names, today: fixture.today), "it was refused")
            try fixture.expect(
                try await store.directory(names.map(\.directory.key)) == names.map { .row($0.directory) }, "a directory row is missing")
            try fixture.expect(
                try await store.links(at: person.directory.locator) == names.map(\.link).sorted { $0.key < $1.key },
                "links are missing or out of order")
            try fixture.expect(try await store.links(at: .random()).isEmpty, "another locator has links")
            try fixture.expect(try await fixture.row(of: person, in: store) == person.key, "the key row was touched")
            try fixture.expect(try await store.counts() == VaultCounts(subjects: 1, erased: 0), "the link counts as a person")
        },
        Rule(sentence: "linking is all or nothing: not over a row, a fence that holds, or a key that is not active") { store, fixture in
            try await fixture.begin(store)
            let (person, gone, other) = (fixture.person(), fixture.person(), fixture.person())
            _ = try await store.insert([person, gone, other], today: fixture.today)
            let erasure = fixture.erasure(of: gone)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            let free = fixture.name(of: person)
            var taken = fixture.name(of: person)
            taken.directory.key = other.directory.key
            try fixture.expect(try await store.link([free, taken], today: fixture.today) == false, "a row was overwritten")
            try fixture.expect(
                try await store.link([free, fixture.name(of: gone)], today: fixture.today) == false, "a key being erased got a name")
            _ = try await store.destroyKeys(
                erasure: erasure.erasure, locators: [gone.directory.locator], fenceUntil: fixture.today)
            var fenced = fixture.name(of: person)
            fenced.directory.key = gone.directory.key
            try fixture.expect(try await store.link([free, fenced], today: fixture.today) == false, "a fence was passed over")
            try fixture.expect(try await store.directory([free.directory.key]) == [.nothing], "a part was written")
            try fixture.expect(try await store.links(at: person.directory.locator).isEmpty, "a link was written")
            try fixture.expect(try await store.link([fenced], today: fixture.today + 1), "an expired fence still refuses")
            try await fixture.expectKEKChanged(current: 1) {
                _ = try await store.link([fixture.name(of: person, kek: 2)], today: fixture.today)
            }
        },
        Rule(sentence: "an erasure takes links and blind rows with it, and leaves those of others") { store, fixture in
            try await fixture.begin(store)
            let (gone, kept) = (fixture.person(), fixture.person())
            _ = try await store.insert([gone, kept], today: fixture.today)
            let token = Bytes32.random()
            var names: [LinkedName] = []
            for person in [gone, kept] {
                names.append(fixture.name(of: person))
                _ = try await store.link([names[names.count - 1]], today: fixture.today)
                try fixture.expect(
                    try await store.reindex(
                        person.pseudonym, removing: [], adding: [fixture.blind(token, person), fixture.blind(.random(), person)]),
                    "a row was refused")
            }
            let erasure = fixture.erasure(of: gone)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            try fixture.expect(
                try await store.reindex(gone.pseudonym, removing: [], adding: [fixture.blind(.random(), gone)]) == false,
                "a key being erased got a blind row")
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [gone.directory.locator], fenceUntil: fixture.today)
            try fixture.expect(try await store.links(at: gone.directory.locator).isEmpty, "a link is left")
            try fixture.expect(
                try await store.directory(names.map(\.directory.key)) == [.fenced(until: fixture.today), .row(names[1].directory)],
                "the linked name is not fenced, or another one is")
            try fixture.expect(
                try await store.blindRows(token, after: nil, limit: 9).map(\.key.locator) == [kept.directory.locator],
                "a blind row is left, or another person's is gone")
            try fixture.expect(try await store.wrappedPage(of: .blindIndex, after: nil, limit: 9).count == 2, "blind rows are left or gone")
            try fixture.expect(try await store.links(at: kept.directory.locator).count == 1, "another person's link is gone")
        },
    ]

    static let indexRules: [Rule] = [
        Rule(sentence: "a rotation finds blind rows, rewraps what is still as it was read, and waits for them") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<3).map { _ in fixture.person() }
            _ = try await store.insert(people, today: fixture.today)
            let token = Bytes32.random()
            var rows = people.map { fixture.blind(token, $0) }
            for (row, person) in zip(rows, people) { _ = try await store.reindex(person.pseudonym, removing: [], adding: [row]) }
            rows.sort { $0.key < $1.key }
            var seen: [WrappedRow] = []
            while let row = try await store.wrappedPage(of: .blindIndex, after: seen.last?.name, limit: 1).first { seen.append(row) }
            try fixture.expect(
                seen == rows.map { WrappedRow(name: .blind($0.key), wrapped: $0.sealedPseudonym) }, "rows are missing or out of order")
            _ = try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: fixture.wrapped(48, kek: 2))
            _ = try await store.rewrap(people.flatMap { fixture.rewrappings(of: $0, kek: 2) })
            try fixture.expect(try await store.raiseLeastKEK(to: 2) == false, "the least KEK rose above a blind row")
            for row in rows {
                let new = fixture.wrapped(32, kek: 2)
                let stale = Rewrapping(name: .blind(row.key), old: fixture.wrapped(32, kek: 1), new: new)
                try fixture.expect(try await store.rewrap([stale]) == 0, "a row was replaced that was no longer as it was read")
                _ = try await store.rewrap([Rewrapping(name: .blind(row.key), old: row.sealedPseudonym, new: new)])
                let found = try await store.blindRows(token, after: nil, limit: 9).first { $0.key == row.key }
                try fixture.expect(found?.sealedPseudonym == new, "a row was not replaced")
            }
            try fixture.expect(try await store.raiseLeastKEK(to: 2), "a blind row is said to be below")
        },
        Rule(sentence: "a blind row is added once, replaced with its successor in one write, and removed") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            let (old, new) = (fixture.blind(.random(), person), fixture.blind(.random(), person))
            func rows(_ row: BlindRow) async throws -> [BlindRow] { try await store.blindRows(row.key.token, after: nil, limit: 9) }
            for _ in 0..<2 { _ = try await store.reindex(person.pseudonym, removing: [], adding: [old]) }
            try fixture.expect(try await rows(old) == [old], "it is not there once as it was written")
            _ = try await store.reindex(person.pseudonym, removing: [], adding: [fixture.blind(old.key.token, person)])
            try fixture.expect(try await rows(old) == [old], "the row that was there was overwritten")
            try fixture.expect(try await store.reindex(person.pseudonym, removing: [old.key], adding: [new]), "it was refused")
            try fixture.expect(try await rows(old).isEmpty, "the old row is left")
            try fixture.expect(try await rows(new) == [new], "the new row is missing")
            _ = try await store.reindex(person.pseudonym, removing: [new.key, old.key], adding: [])
            try fixture.expect(try await store.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty, "a removed row is left")
            try fixture.expect(
                try await store.reindex(.random(), removing: [], adding: [new]) == false, "an unknown pseudonym was taken")
            try await fixture.expectKEKChanged(current: 1) {
                _ = try await store.reindex(person.pseudonym, removing: [], adding: [fixture.blind(.random(), person, kek: 2)])
            }
            try fixture.expect(try await store.wrappedPage(of: .blindIndex, after: nil, limit: 9).isEmpty, "a refused row was written")
        },
        Rule(sentence: "many changes are one write, and one of somebody who is erased keeps none of the others back") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<3).map { _ in fixture.person() }
            _ = try await store.insert(people, today: fixture.today)
            _ = try await store.beginErasure(fixture.erasure(of: people[1]), evenIfHeld: false)
            let token = Bytes32.random()
            let rows = people.map { fixture.blind(token, $0) }
            let changes = zip(people, rows).map { BlindChange(pseudonym: $0.pseudonym, removing: [], adding: [$1]) }
            try fixture.expect(
                try await store.reindex(changes) == [true, false, true], "a change was refused, or one of an erased person taken")
            try fixture.expect(
                try await store.blindRows(token, after: nil, limit: 9) == [rows[0], rows[2]].sorted { $0.key < $1.key },
                "a row is missing, or one of an erased person is there")
            let stale = BlindChange(pseudonym: people[2].pseudonym, removing: [], adding: [fixture.blind(.random(), people[2], kek: 2)])
            let removal = BlindChange(pseudonym: people[0].pseudonym, removing: [rows[0].key], adding: [])
            try await fixture.expectKEKChanged(current: 1) { _ = try await store.reindex([removal, stale]) }
            try fixture.expect(try await store.blindRows(token, after: nil, limit: 9).count == 2, "a refused change was written in part")
        },
        Rule(sentence: "pages of the blind index hold every row once, in ascending order, for one token and for all") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<25).map { _ in fixture.person() }
            _ = try await store.insert(people, today: fixture.today)
            let token = Bytes32.random()
            var written: [BlindRow] = []
            for person in people {
                let rows = [fixture.blind(token, person), fixture.blind(.random(), person)]
                _ = try await store.reindex(person.pseudonym, removing: [], adding: rows)
                written += rows
            }
            written.sort { $0.key < $1.key }
            var ofToken: [BlindRow] = []
            while true {
                let page = try await store.blindRows(token, after: ofToken.last?.key.locator, limit: 10)
                if page.isEmpty { break }
                try fixture.expect(page.count <= 10, "a page is longer than its limit")
                ofToken += page
            }
            try fixture.expect(ofToken == written.filter { $0.key.token == token }, "rows of the token are missing or out of order")
            var all: [WrappedRow] = []
            while true {
                let page = try await store.wrappedPage(of: .blindIndex, after: all.last?.name, limit: 10)
                if page.isEmpty { break }
                try fixture.expect(page.count <= 10, "a page is longer than its limit")
                all += page
            }
            try fixture.expect(
                all == written.map { WrappedRow(name: .blind($0.key), wrapped: $0.sealedPseudonym) },
                "rows are missing, doubled or out of order")
        },
    ]
}

extension MintedKey {
    /// Of a person; a record handle has none.
    fileprivate var pseudonym: Pseudonym { key?.pseudonym ?? .zero }
}

extension VaultStoreFixture {
    func name(of person: MintedKey, kek: UInt32 = 1) -> LinkedName {
        let directory = DirectoryRow(
            key: DirectoryKey(lookup: .random(), role: person.directory.key.role), locator: person.directory.locator,
            sealedPseudonym: wrapped(32, kek: kek))
        return LinkedName(
            directory: directory, sealedIdentifier: [4] + Randomness.bytes(24 + 32 + 64 + 16), pseudonym: person.pseudonym)
    }

    func blind(_ token: Bytes32, _ person: MintedKey, kek: UInt32 = 1) -> BlindRow {
        BlindRow(key: BlindKey(token: token, locator: person.directory.locator), sealedPseudonym: wrapped(32, kek: kek))
    }

    func expectKEKChanged(current: UInt32, _ body: () async throws -> Void) async throws {
        do {
            try await body()
            throw Mismatch(found: "a row under another KEK was taken")
        } catch VaultError.kekChanged(let kek) where kek == current {}
    }
}
