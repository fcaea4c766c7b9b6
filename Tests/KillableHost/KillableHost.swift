import GRDB
import Glibc
import VestigeCore
import VestigeGRDB
import VestigeLocal
import VestigeVault

/// A host that writes without end, for the tests that kill it: tickets through the outbox of its database, notes through a recorded store,
/// eight of each at a time. It prints one line when it has drained what the one before it left in the outbox, and how many entries that were.
@main
struct KillableHost {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { throw RecordingError.unavailable("give the directory of the host") }
        let home = CommandLine.arguments[1]
        let vestige = try await Vestige.open(home + "/data")
        let pool = try DatabasePool(path: home + "/host.sqlite")
        let waitingInOutbox = try await pool.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM vestige_outbox") ?? 0 }
        let database = try await RecordedDatabase(pool, recorder: vestige.recorder)
        let notes = try RecordedStore(NoteRepository(database: try DatabaseQueue(path: home + "/notes.sqlite")), recorder: vestige.recorder)
        try await database.drain()
        print(waitingInOutbox)
        fflush(nil)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask { await Vestige.as(.system("tickets")) { await write(database, worker) } }
                group.addTask { await Vestige.as(.system("notes")) { await write(notes, worker) } }
            }
        }
    }

    private static func write(_ database: RecordedDatabase, _ worker: Int) async {
        await endlessly {
            let ticket = Ticket(id: Ticket.newID(), owner: "\(worker * 7 + Int.random(in: 0..<5))")
            try await database.write { try $0.create(ticket) }
        }
    }

    private static func write(_ notes: RecordedStore<NoteRepository>, _ worker: Int) async {
        await endlessly { _ = try await notes.create(Note(id: Ticket.newID(), owner: "\(worker * 7 + Int.random(in: 0..<5))")) }
    }

    /// As a host would: what was refused for a while is tried again.
    private static func endlessly(_ write: () async throws -> Void) async {
        while true {
            do { try await write() } catch { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }
}

/// Written through the outbox.
struct Ticket: Codable, FetchableRecord, PersistableRecord, Recordable {
    static let databaseTableName = "tickets"
    static let recordType = "ticket"

    let id: String
    let owner: String

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["owner": .text(owner)] }

    static func newID() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return "T" + String((0..<24).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}

/// Written through a recorded store over a repository that knows nothing of Vestige.
struct Note: Codable, FetchableRecord, PersistableRecord, Recordable {
    static let databaseTableName = "notes"
    static let recordType = "note"

    let id: String
    let owner: String

    var recordID: String? { id }
    var recordedFields: [String: FieldValue] { ["owner": .text(owner)] }
}

struct NoteRepository: EditableRepository {
    let database: DatabaseQueue

    func fetch(id: String) async throws -> Note? {
        try await database.read { try Note.fetchOne($0, key: id) }
    }

    func create(_ record: Note) async throws -> Note {
        try await database.write { db in try record.insert(db) }
        return record
    }

    func update(id: String, _ edit: @Sendable (inout Note) throws -> Void) async throws -> RecordUpdate<Note>? { nil }

    func delete(id: String) async throws -> Note? { nil }
}
