import VestigeCrypto
import VestigeVault

extension VaultStoreConformance {
    static let rotationRules: [Rule] = [
        Rule(sentence: "the current KEK only rises, and takes the lookup key with it") { store, fixture in
            let meta = fixture.meta(kek: 2)
            try await store.create(meta)
            let (third, other) = (fixture.wrapped(48, kek: 3), fixture.wrapped(48, kek: 2))
            try fixture.expect(try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: other) == 2, "another KEK became current")
            try fixture.expect(try await store.meta() == meta, "a KEK that is not newer changed something")
            try fixture.expect(try await store.raiseCurrentKEK(to: 3, wrappedLookupKey: third) == 3, "it did not rise")
            var raised = meta
            raised.currentKEK = 3
            raised.wrappedLookupKey = third
            try fixture.expect(try await store.meta() == raised, "current KEK and lookup key did not change together, and alone")
            try fixture.expect(try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: other) == 3, "it sank")
            try fixture.expect(try await store.meta() == raised, "sinking changed something")
        },
        Rule(sentence: "pages of wrapped rows hold every row once, in ascending order, destroyed ones too") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<25).map { fixture.person($0 % 5 == 0 ? .recordHandle : .subject) }
            _ = try await store.insert(people, today: fixture.today)
            let gone = people[1]
            let erasure = fixture.erasure(of: gone)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [gone.directory.locator], fenceUntil: 0)
            let keys = people.compactMap(\.key).sorted { $0.pseudonym < $1.pseudonym }
            let directory = people.map(\.directory).filter { $0.key != gone.directory.key }.sorted { $0.key < $1.key }
            let expected: [WrappedTable: [WrappedRow]] = [
                .keys: keys.map { row in
                    WrappedRow(name: .key(row.pseudonym, row.role), wrapped: row.pseudonym == gone.key?.pseudonym ? nil : row.wrappedKey)
                },
                .directory: directory.map { WrappedRow(name: .directory($0.key), wrapped: $0.sealedPseudonym) },
            ]
            for (table, rows) in expected {
                var seen: [WrappedRow] = []
                while true {
                    let page = try await store.wrappedPage(of: table, after: seen.last?.name, limit: 10)
                    try fixture.expect(page.count <= 10, "a page is longer than its limit")
                    if page.isEmpty { break }
                    seen += page
                }
                try fixture.expect(seen == rows, "rows of \(table) are missing, doubled or out of order")
            }
        },
        Rule(sentence: "rewrapping replaces what is still as it was read, and leaves everything else of the row") { store, fixture in
            try await fixture.begin(store)
            let people = [fixture.person(), fixture.person(.recordHandle), fixture.person()]
            _ = try await store.insert(people, today: fixture.today)
            _ = try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: fixture.wrapped(48, kek: 2))
            let changes = people.flatMap { fixture.rewrappings(of: $0, kek: 2) }
            let stale = changes.map { Rewrapping(name: $0.name, old: fixture.wrapped(48, kek: 1), new: $0.new) }
            try fixture.expect(try await store.rewrap(stale) == 0, "a row was replaced that was no longer as it was read")
            try fixture.expect(try await store.rewrap(changes) == changes.count, "not every row was replaced")
            for person in people {
                let mine = fixture.rewrapped(person, changes)
                try fixture.expect(try await fixture.answer(for: person, in: store) == .row(mine.directory), "a directory row differs")
                try fixture.expect(try await fixture.row(of: person, in: store) == mine.key, "a key row differs")
            }
            try fixture.expect(try await store.rewrap(changes) == 0, "a row was replaced twice")
        },
        Rule(sentence: "rewrapping brings back nothing that was erased meanwhile") { store, fixture in
            try await fixture.begin(store)
            let (gone, marked) = (fixture.person(), fixture.person())
            _ = try await store.insert([gone, marked], today: fixture.today)
            _ = try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: fixture.wrapped(48, kek: 2))
            let erasure = fixture.erasure(of: gone)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            _ = try await store.beginErasure(fixture.erasure(of: marked), evenIfHeld: false)
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [gone.directory.locator], fenceUntil: fixture.today)
            let changes = fixture.rewrappings(of: gone, kek: 2) + fixture.rewrappings(of: marked, kek: 2)
            try fixture.expect(try await store.rewrap(changes) == 2, "other rows than those of a key being erased were replaced")
            let row = try await fixture.row(of: gone, in: store)
            try fixture.expect(row?.wrappedKey == nil && row?.state == .erasing, "a destroyed key is back")
            try fixture.expect(try await fixture.answer(for: gone, in: store) == .fenced(until: fixture.today), "a directory row is back")
        },
        Rule(sentence: "rewrapping under another KEK than the current one is refused with the whole page") { store, fixture in
            try await store.create(fixture.meta(kek: 2))
            let person = fixture.person(kek: 2)
            _ = try await store.insert([person], today: fixture.today)
            _ = try await store.raiseCurrentKEK(to: 4, wrappedLookupKey: fixture.wrapped(48, kek: 4))
            var changes = fixture.rewrappings(of: person, kek: 4)
            changes[1].new = fixture.wrapped(32, kek: 3)
            do {
                _ = try await store.rewrap(changes)
                throw VaultStoreFixture.Mismatch(found: "nothing was thrown")
            } catch VaultError.kekChanged(current: 4) {}
            try fixture.expect(try await fixture.row(of: person, in: store) == person.key, "a part of the page was written")
        },
        Rule(sentence: "the least KEK rises once no row is under an older one, and the epoch with it, once") { store, fixture in
            try await fixture.begin(store)
            let people = [fixture.person(), fixture.person(.recordHandle)]
            _ = try await store.insert(people, today: fixture.today)
            _ = try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: fixture.wrapped(48, kek: 2))
            for change in people.flatMap({ fixture.rewrappings(of: $0, kek: 2) }) {
                try fixture.expect(try await store.raiseLeastKEK(to: 2) == false, "it rose above a row")
                try fixture.expect(try await store.meta()?.leastKEK == 1, "something was written all the same")
                _ = try await store.rewrap([change])
            }
            for _ in 0..<2 { try fixture.expect(try await store.raiseLeastKEK(to: 2), "a row is said to be below") }
            let meta = try await store.meta()
            try fixture.expect(meta?.leastKEK == 2 && meta?.currentKEK == 2, "it did not rise")
            try fixture.expect(meta?.epoch == 1, "the epoch did not rise once")
            try fixture.expect(try await store.raiseLeastKEK(to: 1), "what is reached already is refused")
            try fixture.expect(try await store.meta() == meta, "the least KEK sank")
        },
        Rule(sentence: "destroyed keys hold up no KEK") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            _ = try await store.raiseCurrentKEK(to: 2, wrappedLookupKey: fixture.wrapped(48, kek: 2))
            let erasure = fixture.erasure(of: person)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            try fixture.expect(try await store.raiseLeastKEK(to: 2) == false, "a key that is only marked was passed over")
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [person.directory.locator], fenceUntil: fixture.today)
            try fixture.expect(try await store.raiseLeastKEK(to: 2), "a row without a key counts")
        },
    ]
}

extension VaultStoreFixture {
    /// All of a person's rows under another KEK: first the key row's, then the directory row's.
    func rewrappings(of person: MintedKey, kek: UInt32) -> [Rewrapping] {
        var changes: [Rewrapping] = []
        if let key = person.key, let old = key.wrappedKey {
            changes.append(Rewrapping(name: .key(key.pseudonym, key.role), old: old, new: wrapped(48, kek: kek)))
        }
        changes.append(
            Rewrapping(name: .directory(person.directory.key), old: person.directory.sealedPseudonym, new: wrapped(32, kek: kek)))
        return changes
    }

    /// The person after `changes`.
    func rewrapped(_ person: MintedKey, _ changes: [Rewrapping]) -> MintedKey {
        var person = person
        for change in changes {
            if change.old == person.key?.wrappedKey { person.key?.wrappedKey = change.new }
            if change.old == person.directory.sealedPseudonym { person.directory.sealedPseudonym = change.new }
        }
        return person
    }
}
