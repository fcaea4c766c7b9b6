import Foundation
import Testing
import VestigeCrypto
import VestigeVault

@Suite struct ValueTests {
    private struct Address: Codable, Equatable, Sendable {
        var street: String
        var number: Int
        var unit: String?
    }

    @Test("texts, bytes and codable values open again for their person and field, in another process too")
    func roundTrip() async throws {
        let bench = try await VaultBench()
        let ana = try person("1")
        let text = try await bench.vault.seal("ana@example.org", for: ana, field: "user.email")
        let bytes = try await bench.vault.seal([1, 2, 3] as [UInt8], for: ana, field: "user.photo")
        let address = Address(street: "Rua Áurea", number: 7)
        let json = try await bench.vault.seal(address, for: ana, field: "user.address")
        let none = try await bench.vault.seal(String?.none, for: ana, field: "user.phone")
        for vault in [bench.vault, try await bench.otherVault()] {
            #expect(try await vault.open(text, as: String.self, for: ana, field: "user.email") == .value("ana@example.org"))
            #expect(try await vault.open(bytes, as: [UInt8].self, for: ana, field: "user.photo") == .value([1, 2, 3]))
            #expect(try await vault.open(json, as: Address.self, for: ana, field: "user.address").value == address)
            #expect(try await vault.open(none, as: String?.self, for: ana, field: "user.phone") == .value(nil))
        }
        #expect(try await bench.vault.counts() == (1, 0))
        #expect(text.bytes.first == 2 && text.bytes.count == SealedValue.overhead + 15)
        #expect(try await bench.vault.seal("ana@example.org", for: ana, field: "user.email") != text)
    }

    @Test("a value moved to another person, field or vault does not open, nor does a damaged one or one of another type")
    func moved() async throws {
        let (bench, other) = (try await VaultBench(), try await VaultBench())
        let (ana, bo) = (try person("1"), try person("2"))
        let sealed = try await bench.vault.seal("ana@example.org", for: ana, field: "user.email")
        for vault in [bench.vault, other.vault] { _ = try await vault.admit([(ana, .subject), (bo, .subject)]) }
        func expectShut(_ vault: Vault, _ value: SealedValue, _ subject: SubjectID, _ field: String) async {
            await #expect(throws: VaultError.valueUnderAnotherKey) {
                try await vault.open(value, as: String.self, for: subject, field: field)
            }
        }
        await expectShut(bench.vault, sealed, bo, "user.email")
        await expectShut(bench.vault, sealed, ana, "user.phone")
        await expectShut(other.vault, sealed, ana, "user.email")
        for place in [1, 30, 60, sealed.bytes.count - 1] {
            var bytes = sealed.bytes
            bytes[place] ^= 1
            await expectShut(bench.vault, try SealedValue(bytes: bytes), ana, "user.email")
        }
        await #expect(throws: VaultError.valueDamaged) { try await bench.vault.open(sealed, as: Int.self, for: ana, field: "user.email") }
        #expect(throws: VaultError.valueDamaged) { try SealedValue(bytes: [2, 1]) }
        #expect(throws: VaultError.valueDamaged) { try SealedValue(bytes: [1] + sealed.bytes.dropFirst()) }
        for field in ["", String(repeating: "x", count: 257)] {
            await #expect(throws: VaultError.invalidField) { try await bench.vault.seal("x", for: ana, field: field) }
        }
    }

    @Test("after an erasure a value is erased, which is no error, for every process and after the fence; nothing new is sealed")
    func erased() async throws {
        let bench = try await VaultBench()
        let ana = try person("1")
        let sealed = try await bench.vault.seal("ana@example.org", for: ana, field: "user.email")
        let stays = try await bench.vault.seal("bo@example.org", for: person("2"), field: "user.email")
        _ = try await bench.begin("1")
        #expect(try await bench.vault.open(sealed, as: String.self, for: ana, field: "user.email") == .erased)
        try await bench.erase("1")
        for vault in [bench.vault, try await bench.otherVault()] {
            #expect(try await vault.open(sealed, as: String.self, for: ana, field: "user.email").isErased)
            #expect(try await vault.open(stays, as: String.self, for: person("2"), field: "user.email") == .value("bo@example.org"))
            await #expect(throws: VaultError.personErased) { try await vault.seal("x", for: ana, field: "user.email") }
        }
        bench.clock.advance(days: 40)
        #expect(try await bench.vault.open(sealed, as: String.self, for: ana, field: "user.email") == .erased)
        #expect(try await bench.vault.counts() == (1, 1))
        // A person who comes back has a new key: what was sealed under the old one stays shut, and the error says what to do.
        _ = try await bench.admit("1")
        let problem = await #expect(throws: VaultError.valueUnderAnotherKey) {
            try await bench.vault.open(sealed, as: String.self, for: ana, field: "user.email")
        }
        #expect(problem?.description.contains("erased and readmitted") == true)
        #expect(problem?.description.contains("write their row anew or delete it") == true)
    }

    @Test("opening mints nobody")
    func mintsNobody() async throws {
        let bench = try await VaultBench()
        let sealed = try await bench.vault.seal("x", for: person("1"), field: "f")
        #expect(try await bench.vault.open(sealed, as: String.self, for: person("2"), field: "f") == .erased)
        let without = try await bench.vault.load([person("3"), person("1")])
        #expect(without == [try person("3")])
        #expect(try await bench.vault.counts() == (1, 0))
    }

    @Test("once people are loaded, their values are sealed and opened without waiting; evicted keys say so")
    func atOnce() async throws {
        let bench = try await VaultBench()
        let people = try (0..<50).map { try person("\($0)") }
        let values = try await people.asyncMap { try await bench.vault.seal("value of \($0.id)", for: $0, field: "f") }
        let other = try await bench.otherVault()
        #expect(throws: VaultError.keyNotLoaded) { try other.openAtOnce(values[0], as: String.self, for: people[0], field: "f") }
        #expect(throws: VaultError.keyNotLoaded) { try other.sealAtOnce("x", for: people[0], field: "f") }
        try await other.load(Array(people[..<40]))
        for (value, owner) in zip(values, people).prefix(40) {
            #expect(try other.openAtOnce(value, as: String.self, for: owner, field: "f") == "value of \(owner.id)")
        }
        let sealed = try other.sealAtOnce(41, for: people[0], field: "f")
        #expect(try await bench.vault.open(sealed, as: Int.self, for: people[0], field: "f") == .value(41))
        try await bench.erase("0")
        bench.clock.advance(milliseconds: 1_300)
        #expect(throws: VaultError.keyNotLoaded) { try other.openAtOnce(values[0], as: String.self, for: people[0], field: "f") }
        #expect(try await other.open(values[0], as: String.self, for: people[0], field: "f") == .erased)
    }

    @Test("a sealed value is base64 in JSON and prints as nothing")
    func codable() async throws {
        let bench = try await VaultBench()
        let sealed = try await bench.vault.seal("ana@example.org", for: person("1"), field: "f")
        let json = try JSONEncoder().encode([sealed])
        #expect(String(decoding: json, as: UTF8.self).replacing("\\/", with: "/") == "[\"\(Base64.encode(sealed.bytes))\"]")
        #expect(try JSONDecoder().decode([SealedValue].self, from: json) == [sealed])
        for text in ["\"!\"", "\"AgEB\"", "1"] {
            #expect(throws: (any Error).self) { try JSONDecoder().decode(SealedValue.self, from: Data(text.utf8)) }
        }
        var dumped = ""
        dump(sealed, to: &dumped)
        #expect("\(sealed)" == "sealed(…)" && String(reflecting: sealed) == "sealed(…)" && dumped == "- sealed(…)\n")
    }
}

extension Array {
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
