import VestigeCrypto
import VestigeVault

extension VaultStoreConformance {
    static let basicRules: [Rule] = [
        Rule(sentence: "an empty store has no row about itself; once created it is read back as it was written") { store, fixture in
            try fixture.expect(try await store.meta() == nil, "an empty store answered a row")
            let meta = fixture.meta()
            try await store.create(meta)
            try fixture.expect(try await store.meta() == meta, "another row came back")
            try fixture.expect(try await store.epoch() == 0, "the epoch does not begin at 0")
        },
        Rule(sentence: "a store is created once") { store, fixture in
            let meta = fixture.meta()
            try await store.create(meta)
            do {
                try await store.create(fixture.meta())
                throw VaultStoreFixture.Mismatch(found: "the second create did not throw")
            } catch VaultError.storeNotEmpty {}
            try fixture.expect(try await store.meta() == meta, "the second create overwrote the first")
        },
        Rule(sentence: "the watermark only grows, each number by itself") { store, fixture in
            try await fixture.begin(store)
            func watermark(after text: String, _ size: UInt64, _ replayed: UInt64) async throws -> Watermark? {
                try await store.raiseWatermark(Watermark(trail: fixture.trail, checkpoint: text, size: size, replayedThrough: replayed))
                let meta = try await store.meta()
                return meta?.watermark
            }
            _ = try await watermark(after: "ten", 10, 8)
            try fixture.expect(
                try await watermark(after: "nine", 9, 9)
                    == Watermark(trail: fixture.trail, checkpoint: "ten", size: 10, replayedThrough: 9),
                "the size sank, or replayedThrough did not rise")
            try fixture.expect(
                try await watermark(after: "twelve", 12, 1)
                    == Watermark(trail: fixture.trail, checkpoint: "twelve", size: 12, replayedThrough: 9),
                "the size did not rise, or replayedThrough sank")
        },
        Rule(sentence: "a watermark of another trail writes nothing until that trail is adopted") { store, fixture in
            try await fixture.begin(store)
            let other = Watermark(trail: .random(), checkpoint: "x", size: 5, replayedThrough: 5)
            try await store.raiseWatermark(other)
            try fixture.expect(try await store.meta()?.watermark == Watermark(trail: fixture.trail), "it was written")
            try await store.adoptTrail(other.trail)
            try fixture.expect(
                try await store.meta()?.watermark == Watermark(trail: other.trail), "the adopted trail does not begin at nothing")
            try await store.raiseWatermark(other)
            try await store.adoptTrail(other.trail)
            try fixture.expect(try await store.meta()?.watermark == other, "adopting it again sank its watermark")
        },
        Rule(sentence: "holds and due days touch active keys only, and an earlier due day stays") { store, fixture in
            try await fixture.begin(store)
            let (kept, gone) = (fixture.person(.acting), fixture.person(.acting))
            _ = try await store.insert([kept, gone], today: fixture.today)
            guard let first = kept.key?.pseudonym, let second = gone.key?.pseudonym else { return }
            try await store.setHeld(true, on: [first])
            try fixture.expect(try await fixture.row(of: kept, in: store)?.held == true, "the hold was not written")
            try await store.setHeld(false, on: [first])
            try fixture.expect(try await fixture.row(of: kept, in: store)?.held == false, "the hold was not released")
            try fixture.expect(try await store.setDue(300, of: first) == 300, "the due day was not written")
            try fixture.expect(try await store.setDue(400, of: first) == 300, "a later due day won")
            try fixture.expect(try await store.setDue(200, of: first) == 200, "an earlier due day lost")
            _ = try await store.beginErasure(fixture.erasure(of: gone), evenIfHeld: false)
            try fixture.expect(try await store.setDue(100, of: second) == nil, "a key being erased got a due day")
            try await store.setHeld(true, on: [second])
            try fixture.expect(try await fixture.row(of: gone, in: store)?.held == false, "a key being erased was held")
            try fixture.expect(try await store.dueKeys(on: 199).isEmpty, "a key was due too early")
            try fixture.expect(try await store.dueKeys(on: 200).map(\.pseudonym) == [first], "a key was not due on its day")
        },
    ]
}
