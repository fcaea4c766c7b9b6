import Synchronization
import VestigeLocal

struct Person: Recordable {
    var id: String
    var name: String
    var email: String

    static let recordType = "user"
    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["name": .text(name), "email": .text(email)] }
}

struct PersonRepository: ListingRepository, EditableRepository {
    func fetch(id: String) async throws -> Person? {
        shelf.withLock { $0[id] }
    }

    func list(_ places: Range<Int>) async throws -> [Person] {
        shelf.withLock { $0.values.sorted { $0.id < $1.id }.dropFirst(places.lowerBound).prefix(places.count).map { $0 } }
    }

    func create(_ person: Person) async throws -> Person {
        shelf.withLock { $0[person.id] = person }
        return person
    }

    func update(id: String, _ edit: @Sendable (inout Person) throws -> Void) async throws -> RecordUpdate<Person>? {
        try shelf.withLock { shelf in  // your transaction
            guard let before = shelf[id] else { return nil }
            var after = before
            try edit(&after)
            shelf[id] = after
            return RecordUpdate(before: before, after: after)
        }
    }

    func delete(id: String) async throws -> Person? {
        shelf.withLock { $0.removeValue(forKey: id) }
    }
}

private let shelf = Mutex<[String: Person]>([:])

func useTheStore(_ vestige: LocalVestige) async throws {
    let people = try RecordedStore(PersonRepository(), recorder: vestige.recorder)
    try await Vestige.as(.system("directory-sync"), purpose: "support") {
        let person = try await people.fetch(id: "42")
        let firstPage = try await people.list(0..<20)
        let changed = try await people.update(id: "42") { $0.email = "ana@example.org" }
        _ = (person, firstPage, changed)
    }
}

func shareWithOthers(_ vestige: LocalVestige, send: @escaping @Sendable () async throws -> Void) async throws {
    let sharing = Entry(
        event: "shared", record: RecordReference(type: "user", id: "42"), fields: ["name"], purpose: "payroll", recipient: "payroll-gmbh")
    try await vestige.recorder.act(sharing) { _ in try await send() }
}
