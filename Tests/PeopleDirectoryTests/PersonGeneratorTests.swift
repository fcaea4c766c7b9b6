import Testing

@testable import PeopleDirectory

@Suite("The made-up people")
struct PersonGeneratorTests {
    @Test("are 500, with ids 1 to 500, no two with one name or one address")
    func unique() {
        let people = PersonGenerator().people()
        #expect(people.map(\.id) == (1...500).map(String.init))
        #expect(Set(people.map(\.name)).count == 500)
        #expect(Set(people.map(\.email)).count == 500)
        #expect(people.allSatisfy { $0.email.utf8.allSatisfy { $0 < 0x80 } && $0.email.hasSuffix("@example.org") })
    }

    @Test("are the same for the same seed and others for another")
    func seeded() {
        #expect(PersonGenerator(seed: 1).people() == PersonGenerator(seed: 1).people())
        #expect(PersonGenerator(seed: 1).people() != PersonGenerator(seed: 2).people())
        #expect(PersonGenerator(seed: 1).passphrase(for: "7") != PersonGenerator(seed: 2).passphrase(for: "7"))
    }

    @Test(
        "write their names in several scripts",
        arguments: [0x00C0...0x017F, 0x0370...0x03FF, 0x0400...0x04FF, 0x10D0...0x10FF, 0x0530...0x058F] as [ClosedRange<UInt32>])
    func scripts(range: ClosedRange<UInt32>) {
        #expect(PersonGenerator().people().contains { $0.name.unicodeScalars.contains { range.contains($0.value) } })
    }

    @Test("hold 200 devices, some of which belong to nobody")
    func hardware() {
        let generator = PersonGenerator()
        let people = generator.people()
        let devices = generator.hardware(for: people)
        #expect(devices.count == 200)
        #expect(Set(devices.map(\.serial)).count == 200)
        #expect(devices.contains { $0.assignedTo == nil })
        #expect(Set(devices.compactMap(\.assignedTo)).isSubset(of: Set(people.map(\.id))))
    }

    @Test("come from a generator that gives its published numbers")
    func splitMix() {
        var random = SplitMix64(seed: 1_234_567)
        #expect((0..<3).map { _ in random.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }
}
