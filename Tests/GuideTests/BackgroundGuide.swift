import VestigeLocal

func nightly(_ people: RecordedStore<PersonRepository>) async throws {
    try await Vestige.as(.system("nightly"), purpose: "support") {
        for id in ["41", "42"] {
            guard let person = try await people.fetch(id: id, showing: ["email"]) else { continue }
            print(person.email.count)
        }
    }
}
