import VestigeCrypto
import VestigeVault

extension VaultStoreConformance {
    static let mintingRules: [Rule] = [
        Rule(sentence: "what is inserted is read back in the order of the questions; the unknown is answered as such") { store, fixture in
            try await fixture.begin(store)
            let people = [fixture.person(), fixture.person(.acting), fixture.person(.recordHandle)]
            try fixture.expect(
                try await store.insert(people, today: fixture.today) == [.minted, .minted, .minted], "not all were minted")
            let stranger = fixture.person()
            let answers = try await store.directory([people[2], stranger, people[0], people[1]].map(\.directory.key))
            try fixture.expect(
                answers == [.row(people[2].directory), .nothing, .row(people[0].directory), .row(people[1].directory)],
                "directory answers differ or are out of order")
            guard let a = people[0].key, let b = people[1].key, let unknown = stranger.key else { return }
            try fixture.expect(
                try await store.keys([b.pseudonym, unknown.pseudonym, a.pseudonym]) == [b, nil, a], "key rows differ or are out of order")
            try fixture.expect(try await store.directory([]).isEmpty, "no lookup asked, something answered")
            try fixture.expect(try await store.keys([]).isEmpty, "no pseudonym asked, something answered")
        },
        Rule(sentence: "one lookup may stand in several roles") { store, fixture in
            try await fixture.begin(store)
            let subject = fixture.person(.subject)
            var acting = fixture.person(.acting)
            acting.directory.key = DirectoryKey(lookup: subject.directory.key.lookup, role: .acting)
            try fixture.expect(try await store.insert([subject, acting], today: fixture.today) == [.minted, .minted], "one was refused")
            try fixture.expect(try await fixture.answer(for: acting, in: store) == .row(acting.directory), "the roles were mixed up")
        },
        Rule(sentence: "whoever is minted second gets the first one's row and writes nothing; the others of the batch are minted") {
            store, fixture in
            try await fixture.begin(store)
            let first = fixture.person()
            var second = fixture.person()
            second.directory.key = first.directory.key
            let third = fixture.person()
            _ = try await store.insert([first], today: fixture.today)
            try fixture.expect(
                try await store.insert([second, third], today: fixture.today) == [.exists(first.directory), .minted], "outcomes differ")
            try fixture.expect(try await fixture.row(of: second, in: store) == nil, "a key row of the second was written")
            try fixture.expect(try await fixture.answer(for: first, in: store) == .row(first.directory), "the first was overwritten")
            try fixture.expect(try await store.counts() == VaultCounts(subjects: 2, erased: 0), "the counts are wrong")
        },
        Rule(sentence: "many inserts of one lookup at once mint exactly one") { store, fixture in
            try await fixture.begin(store)
            let name = fixture.person().directory.key
            let minted = try await withThrowingTaskGroup(of: MintOutcome.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        var person = fixture.person()
                        person.directory.key = name
                        return try await store.insert([person], today: fixture.today)[0]
                    }
                }
                return try await group.reduce(0) { $0 + ($1 == .minted ? 1 : 0) }
            }
            try fixture.expect(minted == 1, "\(minted) were minted")
            try fixture.expect(try await store.counts() == VaultCounts(subjects: 1, erased: 0), "there is more than one key row")
        },
        Rule(sentence: "a row under another KEK than the current one is refused with the whole batch") { store, fixture in
            try await store.create(fixture.meta(kek: 2))
            let good = fixture.person(kek: 2)
            do {
                _ = try await store.insert([good, fixture.person(kek: 1)], today: fixture.today)
                throw VaultStoreFixture.Mismatch(found: "nothing was thrown")
            } catch VaultError.kekChanged(current: 2) {}
            try fixture.expect(try await fixture.answer(for: good, in: store) == .nothing, "a part of the batch was written")
        },
        Rule(sentence: "a write runs to its end although the calling task is cancelled") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.insert([person], today: fixture.today)
            }
            try fixture.expect(try await task.value == [.minted], "it was not minted")
            try fixture.expect(try await fixture.answer(for: person, in: store) == .row(person.directory), "it was rolled back")
        },
        Rule(sentence: "pages of the directory hold every row once, in ascending order") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<25).map { _ in fixture.person() }
            _ = try await store.insert(people, today: fixture.today)
            var seen: [DirectoryRow] = []
            while true {
                let page = try await store.directoryPage(after: seen.last?.key, limit: 10)
                try fixture.expect(page.count <= 10, "a page is longer than its limit")
                if page.isEmpty { break }
                seen += page
            }
            try fixture.expect(seen == people.map(\.directory).sorted { $0.key < $1.key }, "rows are missing, doubled or out of order")
        },
        Rule(sentence: "a handle that belongs to nobody gets an owner once") { store, fixture in
            try await fixture.begin(store)
            let (handle, person, other) = (fixture.person(.recordHandle), fixture.person(), fixture.person())
            _ = try await store.insert([handle, person, other], today: fixture.today)
            let owner = person.directory.locator
            let key = handle.directory.key
            try fixture.expect(try await !store.assign(locator: .random(), to: key), "nobody's locator was taken")
            try fixture.expect(try await store.assign(locator: owner, to: key), "the owner was not taken")
            try fixture.expect(try await store.assign(locator: owner, to: key), "the owner is not the owner the second time")
            try fixture.expect(try await !store.assign(locator: other.directory.locator, to: key), "a second owner was taken")
            try fixture.expect(
                try await !store.assign(locator: owner, to: fixture.person(.recordHandle).directory.key), "there is no such row")
            guard case .row(let row) = try await fixture.answer(for: handle, in: store) else {
                return try fixture.expect(false, "it is gone")
            }
            try fixture.expect(row.locator == owner, "the first owner is not the one that stays")
        },
        Rule(sentence: "a handle is not made for an owner who is gone, and is for one who is being erased") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            let owner = person.directory.locator
            let erasure = fixture.erasure(of: person)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            let early = fixture.person(.recordHandle, locator: owner)
            try fixture.expect(try await store.insert([early], today: fixture.today) == [.minted], "it was refused although it would go")
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [owner], fenceUntil: 0)
            try fixture.expect(try await fixture.answer(for: early, in: store) == .nothing, "it did not go with its owner")
            let late = fixture.person(.recordHandle, locator: owner)
            try fixture.expect(
                try await store.insert([late, fixture.person()], today: fixture.today) == [.fenced, .minted], "outcomes differ")
            try fixture.expect(try await fixture.answer(for: late, in: store) == .nothing, "a row of nobody was written")
        },
        Rule(sentence: "a full batch of \(vaultBatchCountMax) is taken, read and found again") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<vaultBatchCountMax).map { _ in fixture.person() }
            let outcomes = try await store.insert(people, today: fixture.today)
            try fixture.expect(outcomes.count == people.count && outcomes.allSatisfy { $0 == .minted }, "not all were minted")
            try fixture.expect(
                try await store.directory(people.map(\.directory.key)) == people.map { .row($0.directory) }, "directory rows differ")
            try fixture.expect(try await store.keys(people.compactMap { $0.key?.pseudonym }) == people.map(\.key), "key rows differ")
        },
    ]
}
