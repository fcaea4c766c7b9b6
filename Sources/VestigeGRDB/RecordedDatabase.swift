public import GRDB
public import VestigeCore
import VestigePolicy

/// A host's own GRDB database whose changes are recorded in the very transactions that make them.
///
/// ```swift
/// let database = try await RecordedDatabase(pool, recorder: vestige.recorder)
/// let person = try await database.fetch(Person.self, id: 42)
/// try await database.write { transaction in
///     try transaction.update(Person.self, id: 42) { $0.email = "new@example.org" }
/// }
/// ```
/// A change's entry is sealed and written to the table `vestige_outbox` beside the rows that it speaks of, and goes from there to the
/// trail, exactly once and in the order of the commits. So there is no commit without its entry and no entry without its commit, whenever
/// the process is killed: what is left in the outbox goes to the trail when the database is next opened. While the trail is away the host
/// can go on writing; looks are refused then.
///
/// - Who acts and why come from the ``AuditContext``, as with ``RecordedStore``; without one, changes and looks are refused.
/// - A commit outlives a loss of power as its entry does: the writer's `synchronous` is raised to FULL, also where it was NORMAL, as in a
///   `DatabasePool`. Otherwise a loss of power might undo a commit whose entry stands already. Do not lower it afterwards. GRDB writes on one
///   connection, so this holds for all that goes through this `DatabaseWriter`; another process that opens the file has its own setting.
/// - An update that changes nothing hands the record out all the same: it is recorded as a look, once the transaction is committed.
/// - What waits in the outbox is sealed and names nobody. Erasing a person makes it unreadable wherever it lies; set `secure_delete` on
///   the database all the same, as for everything that holds people's data.
/// - A migrator with `eraseDatabaseOnSchemaChange` takes the outbox for a change of the schema: call ``makeOutbox(in:)`` in a migration then.
/// - What is written past it, to the `DatabaseWriter` itself, is not recorded.
public final class RecordedDatabase: Sendable {
    /// How often a transaction runs before it is given up.
    static let runCountMax = 4

    public let recorder: Recorder
    let writer: any DatabaseWriter
    private let outbox: Outbox
    private let draining: OutboxDrain

    /// Makes the outbox where there is none, sets `synchronous` to FULL where it is less, and begins to bring to the trail what stands in it.
    ///
    /// - Throws: ``RecordingError/unavailable(_:)`` when `recorder` cannot authenticate what waits, or the database does not take the setting;
    ///   `DatabaseError`.
    public init(_ writer: any DatabaseWriter, recorder: Recorder) async throws {
        guard let key = recorder.spoolKey else {
            throw RecordingError.unavailable(
                "this recorder has no key for what waits in an outbox; take the one of an opened Vestige (`Vestige.open`)")
        }
        self.writer = writer
        self.recorder = recorder
        try await writer.writeWithoutTransaction { try RecordedDatabase.makeDurable($0) }
        outbox = Outbox(key: key, older: recorder.olderSpools, id: try await writer.write { try Outbox.make(in: $0) })
        draining = OutboxDrain(writer: writer, outbox: outbox, recorder: recorder)
        draining.poke()
    }

    /// Beneath FULL a commit in WAL mode is synced only with the next checkpoint, long after its entry.
    private static func makeDurable(_ db: Database) throws {
        let full = 2
        func level() throws -> Int { try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? 0 }
        guard try level() < full else { return }
        try db.execute(sql: "PRAGMA synchronous = FULL")
        guard try level() >= full else {
            throw RecordingError.unavailable(
                "the database does not take synchronous=FULL, so a loss of power could undo a commit whose entry stands; open it without a "
                    + "transaction under way")
        }
    }

    deinit {
        _ = draining.stop()
    }

    /// Makes the tables `vestige_outbox` and `vestige_outbox_id`, unless they stand: for hosts whose migrations make all their tables.
    public static func makeOutbox(in db: Database) throws {
        try Outbox.make(in: db)
    }

    /// Changes records in one transaction, which commits with the entries of all that was done in it or not at all.
    ///
    /// Once begun it is carried through: a caller who is cancelled cancels neither the commit nor its entries. One transaction may concern
    /// as many people as the vault holds keys in memory, 12,000 as it comes.
    ///
    /// - Parameter body: May run more than once, usually twice, when people have to be made known or their keys be fetched first: what it did
    ///   is rolled back in between. So it must have no effect but on the database. What it throws rolls everything back; nothing is
    ///   recorded then. From the second run on, and where people are put into the blind index, the transaction stays open until the vault has
    ///   answered, at most 20 s at a time.
    /// - Returns: what `body` returned; rows and entries are committed then, and the entries are on their way to the trail.
    /// - Throws: ``RecordingError/refused(member:problem:)`` when the policy refuses an entry, ``RecordingError/unavailable(_:)`` when the
    ///   vault cannot be asked or the database was closed; `VaultError.personErased` for a new value of somebody erased; what `body` throws;
    ///   `DatabaseError`. Nothing was changed then. Only where `body` had records handed out that it left as they were, and these looks
    ///   cannot be recorded, is a ``RecordingError`` thrown after the commit.
    @discardableResult
    public func write<Value: Sendable>(_ body: @escaping @Sendable (RecordedTransaction) throws -> Value) async throws -> Value {
        guard !draining.isClosed else {
            throw RecordingError.unavailable("the recorded database was closed; nothing was changed, open it again")
        }
        // GRDB rolls back when the task that waits is cancelled; this one is nobody's to cancel.
        let (value, told) = try await Task { try await self.commit(body) }.value
        if let request = AuditScope.request {
            for change in told.changes { request.hasRecorded(change) }
            for change in told.missed { request.hasMissed(change) }
        }
        if !told.gone.isEmpty { await Task { await IndexRemoval.perform(told.gone, in: writer, recorder.values) }.value }
        for look in told.looks { try await recorder.take(look) }
        return value
    }

    private func commit<Value: Sendable>(
        _ body: @escaping @Sendable (RecordedTransaction) throws -> Value
    ) async throws -> (Value, TransactionJournal.Told) {
        // Task-locals do not reach the thread on which GRDB writes.
        let scope = AuditScope.current
        var sealing = Sealing(recorder)
        for run in 0..<RecordedDatabase.runCountMax {
            do {
                let outcome = try await writer.write { [sealing, outbox, recorder] db in
                    try AuditScope.$current.withValue(scope) {
                        let journal = TransactionJournal(sealing: sealing, outbox: outbox, mayWait: run > 0)
                        do {
                            let value = try body(RecordedTransaction(db: db, recorder: recorder, journal: journal))
                            return (value, try journal.close(in: db))
                        } catch {
                            // What a closure threw that saw columns closed says nothing.
                            throw (error as? NotReady) ?? journal.unready ?? error
                        }
                    }
                }
                draining.poke()
                return outcome
            } catch let missing as NotReady {
                try await sealing.wait(for: missing)
            }
        }
        throw RecordingError.unavailable(
            "the keys of all people concerned could not be held at once; nothing was changed, try again or change fewer records at once")
    }

    /// How many acts stand in the outbox and wait for the trail, those left out that are ``damaged``.
    public func waiting() async throws -> Int {
        let count = try await writer.read { try Outbox.count(in: $0) }
        return max(0, count - damaged)
    }

    /// How many rows of the outbox were not written by Vestige, or were changed since. They are never recorded; they stay, for
    /// whoever looks into it, and hold up nothing else. Anything but 0 is an alarm: somebody else writes the outbox.
    public var damaged: Int { draining.damaged.count }

    /// Why the outbox could not be brought to the trail when it was last tried; nil when it could. It is tried again every second.
    /// For readiness checks; it names nobody.
    public var failure: String? { draining.failure }

    /// Returns when all that stood in the outbox at the call stands in the trail, damaged rows left out.
    ///
    /// - Throws: ``RecordingError/unavailable(_:)`` when the trail does not take it; `DatabaseError`. It goes on being tried.
    public func drain() async throws {
        guard let last = try await writer.read({ try Outbox.newest(in: $0) }) else { return }
        try await draining.pass(through: last)
    }

    /// Takes no more changes and stops draining; what still waits goes to the trail when the database is next opened. The
    /// `DatabaseWriter` stays open: it is the host's.
    public func close() async {
        await draining.stop()?.value
    }
}
