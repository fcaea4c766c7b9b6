import VestigeCrypto
import VestigeVault

extension VaultStoreConformance {
    static let erasureRules: [Rule] = [
        Rule(sentence: "an erasure goes from begun to destroyed to finished and leaves pseudonym, role and state") { store, fixture in
            try await fixture.begin(store)
            let locator = Bytes16.random()
            let (person, handle, other) = (
                fixture.person(locator: locator), fixture.person(.recordHandle, locator: locator), fixture.person()
            )
            _ = try await store.insert([person, handle, other], today: fixture.today)
            let erasure = fixture.erasure(of: person)
            try fixture.expect(try await store.beginErasure(erasure, evenIfHeld: false) == .begun, "it did not begin")
            try fixture.expect(try await store.pendingErasures() == [erasure], "it is not pending as it was written")
            var expected = person.key
            expected?.state = .erasing
            try fixture.expect(try await fixture.row(of: person, in: store) == expected, "beginning changed more than the state")

            let epoch = try await store.destroyKeys(erasure: erasure.erasure, locators: [locator], fenceUntil: fixture.today)
            try fixture.expect(try await store.epoch() == epoch && epoch == 1, "the epoch did not rise by one")
            expected?.wrappedKey = nil
            expected?.identity = nil
            try fixture.expect(
                try await fixture.row(of: person, in: store) == expected, "key or identity is still there, or the state moved")
            for row in [person, handle] {
                try fixture.expect(try await fixture.answer(for: row, in: store) == .fenced(until: fixture.today), "there is no fence")
            }
            try fixture.expect(try await fixture.row(of: other, in: store) == other.key, "another person was touched")
            try fixture.expect(try await fixture.answer(for: other, in: store) == .row(other.directory), "another person's row was touched")
            try fixture.expect(try await store.pendingErasures().first?.step == .destroyed, "the step was not kept")

            let again = try await store.destroyKeys(erasure: erasure.erasure, locators: [], fenceUntil: 0)
            try fixture.expect(again == 1, "destroying twice raised the epoch")
            try await store.finishErasure(erasure.erasure)
            try await store.finishErasure(erasure.erasure)
            expected?.state = .erased
            try fixture.expect(try await fixture.row(of: person, in: store) == expected, "the row is not minimal")
            try fixture.expect(try await store.pendingErasures().isEmpty, "it is still pending")
            try fixture.expect(try await store.counts() == VaultCounts(subjects: 1, erased: 1), "the counts are wrong")
        },
        Rule(sentence: "hold and due day go with the key") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            guard let pseudonym = person.key?.pseudonym else { return }
            try await store.setHeld(true, on: [pseudonym])
            _ = try await store.setDue(5, of: pseudonym)
            let erasure = fixture.erasure(of: person)
            try fixture.expect(try await store.beginErasure(erasure, evenIfHeld: false) == .held, "the hold was passed over")
            try fixture.expect(try await store.pendingErasures().isEmpty, "a refused erasure was kept")
            try fixture.expect(try await fixture.row(of: person, in: store)?.state == .active, "a refused erasure marked the key")
            try fixture.expect(try await store.beginErasure(erasure, evenIfHeld: true) == .begun, "a replay was stopped by the hold")
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [], fenceUntil: 0)
            let row = try await fixture.row(of: person, in: store)
            try fixture.expect(row?.held == false && row?.dueDay == nil, "they are still there")
        },
        Rule(sentence: "who is held is listed, as long as their key is active") { store, fixture in
            try await fixture.begin(store)
            let people = (0..<5).map { _ in fixture.person() }
            _ = try await store.insert(people, today: fixture.today)
            let pseudonyms = people.compactMap { $0.key?.pseudonym }
            try fixture.expect(try await store.heldPseudonyms().isEmpty, "somebody is held from the start")
            try await store.setHeld(true, on: Array(pseudonyms[..<3]))
            try fixture.expect(try await store.heldPseudonyms() == pseudonyms[..<3].sorted(), "not those who are held")
            try await store.setHeld(false, on: [pseudonyms[0]])
            _ = try await store.beginErasure(fixture.erasure(of: people[1]), evenIfHeld: true)
            try fixture.expect(try await store.heldPseudonyms() == [pseudonyms[2]], "one released or being erased is listed")
        },
        Rule(sentence: "an erasure under way answers for its id and for each of its keys") { store, fixture in
            try await fixture.begin(store)
            let (a, b, c) = (fixture.person(), fixture.person(), fixture.person())
            _ = try await store.insert([a, b, c], today: fixture.today)
            let first = fixture.erasure(of: a, b)
            _ = try await store.beginErasure(first, evenIfHeld: false)
            var sameID = fixture.erasure(of: c)
            sameID.erasure = first.erasure
            try fixture.expect(try await store.beginErasure(sameID, evenIfHeld: false) == .underWay(first), "the id was taken twice")
            try fixture.expect(
                try await store.beginErasure(fixture.erasure(of: c, b), evenIfHeld: false) == .underWay(first), "a key is in two erasures")
            try fixture.expect(try await fixture.row(of: c, in: store)?.state == .active, "something was written all the same")
        },
        Rule(sentence: "an erasure does not begin for a key that is destroyed, nor past a name that has a row by now") { store, fixture in
            try await fixture.begin(store)
            let (gone, living) = (fixture.person(), fixture.person())
            _ = try await store.insert([gone, living], today: fixture.today)
            let first = fixture.erasure(of: gone)
            _ = try await store.beginErasure(first, evenIfHeld: false)
            _ = try await store.destroyKeys(erasure: first.erasure, locators: [gone.directory.locator], fenceUntil: 0)
            try await store.finishErasure(first.erasure)
            for again in [fixture.erasure(of: gone), fixture.erasure(of: living, gone)] {
                try fixture.expect(try await store.beginErasure(again, evenIfHeld: true) == .changed, "a destroyed key was taken")
            }
            let acting = fixture.person(.acting)
            _ = try await store.insert([acting], today: fixture.today)
            let terms = ErasureTerms(fenced: [acting.directory.key], fenceUntil: fixture.today)
            let past = try await store.beginErasure(fixture.erasure(of: living), with: terms, evenIfHeld: false)
            try fixture.expect(past == .changed, "a key was passed over")
            try fixture.expect(try await store.pendingErasures().isEmpty, "one of them is kept")
            try fixture.expect(try await fixture.row(of: living, in: store)?.state == .active, "a key was marked")
        },
        Rule(sentence: "the terms of an erasure hold from its first step on, and not at all if it is refused") { store, fixture in
            try await fixture.begin(store)
            let (person, staff) = (fixture.person(), fixture.person(.acting))
            _ = try await store.insert([person, staff], today: fixture.today)
            guard let pseudonym = staff.key?.pseudonym, let held = person.key?.pseudonym else { return }
            let stranger = fixture.person(.acting)
            let terms = ErasureTerms(
                fenced: [stranger.directory.key], fenceUntil: fixture.today,
                due: DueKey(pseudonym: pseudonym, role: .acting, dueDay: fixture.today + 9))
            try await store.setHeld(true, on: [held])
            let refused = try await store.beginErasure(fixture.erasure(of: person), with: terms, evenIfHeld: false)
            try fixture.expect(refused == .held, "the hold was passed over")
            try fixture.expect(try await fixture.answer(for: stranger, in: store) == .nothing, "a refused erasure put up a fence")
            try fixture.expect(try await fixture.row(of: staff, in: store)?.dueDay == nil, "a refused erasure set a due day")
            try await store.setHeld(false, on: [held])
            let erasure = fixture.erasure(of: person)
            try fixture.expect(try await store.beginErasure(erasure, with: terms, evenIfHeld: false) == .begun, "it did not begin")
            let answer = try await fixture.answer(for: stranger, in: store)
            try fixture.expect(answer == .fenced(until: fixture.today), "there is no fence")
            try fixture.expect(try await store.insert([stranger], today: fixture.today) == [.fenced], "the fence lets somebody in")
            try fixture.expect(try await fixture.row(of: staff, in: store)?.dueDay == fixture.today + 9, "there is no due day")
            // Also for whoever joins it.
            let late = fixture.person(.acting)
            let more = ErasureTerms(fenced: [late.directory.key, staff.directory.key], fenceUntil: fixture.today)
            let joined = try await store.beginErasure(fixture.erasure(of: person), with: more, evenIfHeld: false)
            try fixture.expect(joined == .underWay(erasure), "it was not joined")
            try fixture.expect(try await fixture.answer(for: late, in: store) == .fenced(until: fixture.today), "its terms were dropped")
            try fixture.expect(try await fixture.answer(for: staff, in: store) == .row(staff.directory), "a row became a fence")
        },
        Rule(sentence: "steps out of order are refused") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            let erasure = fixture.erasure(of: person)
            do {
                _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [], fenceUntil: 0)
                throw VaultStoreFixture.Mismatch(found: "keys were destroyed before the erasure began")
            } catch VaultError.erasureOutOfStep {}
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            do {
                try await store.finishErasure(erasure.erasure)
                throw VaultStoreFixture.Mismatch(found: "it was finished with its keys alive")
            } catch VaultError.erasureOutOfStep {}
            try fixture.expect(try await store.epoch() == 0, "the epoch rose")
        },
        Rule(sentence: "a pseudonym that the store does not know is kept as erased") { store, fixture in
            try await fixture.begin(store)
            let stranger = fixture.person(.acting)
            let erasure = fixture.erasure(of: stranger)
            try fixture.expect(try await store.beginErasure(erasure, evenIfHeld: true) == .begun, "it did not begin")
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [], fenceUntil: 0)
            try await store.finishErasure(erasure.erasure)
            let row = try await fixture.row(of: stranger, in: store)
            try fixture.expect(row?.state == .erased && row?.role == .acting && row?.wrappedKey == nil, "there is no such row")
        },
        Rule(sentence: "a fence refuses until its last day is over, and goes when it is removed or expires") { store, fixture in
            try await fixture.begin(store)
            let people = [fixture.person(), fixture.person(), fixture.person()]
            _ = try await store.insert(people, today: fixture.today)
            let erasure = ErasureRow(
                erasure: .random(), started: .random(), completed: .random(),
                keys: people.compactMap(\.key).map { ErasedKey(role: $0.role, pseudonym: $0.pseudonym) })
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: people.map(\.directory.locator), fenceUntil: fixture.today)
            func mint(_ person: MintedKey, on day: Int) async throws -> MintOutcome {
                var new = fixture.person()
                new.directory.key = person.directory.key
                return try await store.insert([new], today: day)[0]
            }
            try fixture.expect(try await mint(people[0], on: fixture.today) == .fenced, "the last day does not count")
            try fixture.expect(try await mint(people[0], on: fixture.today + 1) == .minted, "an expired fence still refuses")
            try await store.removeFences([people[1].directory.key])
            try fixture.expect(try await fixture.answer(for: people[1], in: store) == .nothing, "a removed fence is still there")
            try fixture.expect(try await store.expireFences(before: fixture.today) == 0, "a fence expired on its last day")
            try fixture.expect(try await store.expireFences(before: fixture.today + 1) == 1, "a fence did not expire")
        },
        Rule(sentence: "a fence is put up where there is no row, the later day counts, and a row keeps it out") { store, fixture in
            try await fixture.begin(store)
            let (person, stranger) = (fixture.person(), fixture.person(.acting))
            _ = try await store.insert([person], today: fixture.today)
            for day in [fixture.today, fixture.today + 9, fixture.today + 1] {
                try fixture.expect(try await store.fence([stranger.directory.key], until: day), "it was not put up")
            }
            let whole = try await store.fence([person.directory.key, stranger.directory.key], until: fixture.today + 2)
            try fixture.expect(!whole, "a row was passed over")
            try fixture.expect(try await fixture.answer(for: stranger, in: store) == .fenced(until: fixture.today + 9), "not the later day")
            try fixture.expect(try await fixture.answer(for: person, in: store) == .row(person.directory), "a row became a fence")
            try fixture.expect(try await store.insert([stranger], today: fixture.today + 9) == [.fenced], "the fence lets somebody in")
            try fixture.expect(try await store.fence([], until: fixture.today), "no name at all is no row")
        },
        Rule(sentence: "without a fence day the directory row goes without a trace") { store, fixture in
            try await fixture.begin(store)
            let person = fixture.person()
            _ = try await store.insert([person], today: fixture.today)
            let erasure = fixture.erasure(of: person)
            _ = try await store.beginErasure(erasure, evenIfHeld: false)
            _ = try await store.destroyKeys(erasure: erasure.erasure, locators: [person.directory.locator], fenceUntil: 0)
            try fixture.expect(try await fixture.answer(for: person, in: store) == .nothing, "something is left")
        },
    ]
}
