/// Says whether an address and a passphrase belong together.
///
/// An example's sign-in: the people are made up, and so are their passphrases, which come from the generator's seed and stand in no file.
/// A real host brings its own (an identity provider, or a slow salted hash such as Argon2id, and a limit on attempts).
struct SignIn: Sendable {
    let store: DirectoryStore
    let generator: PersonGenerator

    /// The person, or nil: which of the two was wrong is not told, nor that somebody was erased.
    func person(email: String, passphrase: String) async throws -> Person? {
        let person = try await store.person(email: email)
        // Somebody unknown is compared too, so that the answer takes as long as for somebody known.
        let same = Self.equal(passphrase, generator.passphrase(for: person?.id ?? ""))
        return same ? person : nil
    }

    /// Compares in a time that depends on the first text's length only.
    static func equal(_ given: String, _ expected: String) -> Bool {
        let given = Array(given.utf8)
        let expected = Array(expected.utf8)
        var difference: UInt8 = given.count == expected.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            difference |= byte ^ (expected.isEmpty ? 1 : expected[index % expected.count])
        }
        return difference == 0
    }
}
