/// The tables of `trail.sqlite` and the triggers that keep them from being changed.
///
/// The triggers are guard rails: they stop a slip in SQL. What goes around them, `verify` finds by the signed tree.
enum TrailSchema {
    static let file = DatabaseFile(
        name: "trail.sqlite", noun: "trail", applicationID: 0x5653_5452, version: 3, journal: .wal,
        schema: tables + guards, additions: [2: [cosignatures] + addedInVersion2, 3: addedInVersion3], givesBack: true)

    /// The channel of what only Vestige writes.
    static let ownChannel = "compliance"

    /// A body younger than this goes by redaction only, whatever a plan says.
    static let retentionFloorDays = 30

    static let tables = [
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE leaves(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL CHECK(length(leaf) = 89)) STRICT",
        """
        CREATE TABLE bodies(seq INTEGER PRIMARY KEY, header_salt BLOB NOT NULL, header BLOB NOT NULL,
            payload_salt BLOB NOT NULL, payload BLOB NOT NULL) STRICT
        """,
        """
        CREATE TABLE tiles(level INTEGER NOT NULL, idx INTEGER NOT NULL, hashes BLOB NOT NULL CHECK(length(hashes) = 8192),
            PRIMARY KEY(level, idx)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one = 0), size INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
            checkpoint TEXT NOT NULL) STRICT
        """,
        "CREATE TABLE checkpoints(size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
        "CREATE TABLE redactions(seq INTEGER PRIMARY KEY, entry BLOB NOT NULL CHECK(length(entry) = 16)) STRICT",
        // One row for each range of a retention plan, from_seq up to but not including to_seq; ordered by its end, so
        // that asking for a plan that covers a place passes over those that are long done.
        """
        CREATE TABLE plans(to_seq INTEGER NOT NULL, from_seq INTEGER NOT NULL, id BLOB NOT NULL CHECK(length(id) = 16),
            cutoff INTEGER NOT NULL, digest BLOB NOT NULL CHECK(length(digest) = 32), entry BLOB NOT NULL CHECK(length(entry) = 16),
            PRIMARY KEY(to_seq, from_seq, id)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE index_rows(seq INTEGER PRIMARY KEY, occurred_at INTEGER NOT NULL, channel TEXT NOT NULL, event TEXT NOT NULL,
            action TEXT NOT NULL, status TEXT NOT NULL, actor_type TEXT NOT NULL, purpose TEXT) STRICT
        """,
        """
        CREATE TABLE terms(term BLOB NOT NULL CHECK(length(term) = 17), seq INTEGER NOT NULL,
            PRIMARY KEY(term, seq)) STRICT, WITHOUT ROWID
        """,
        cosignatures,
    ]

    /// What witnesses add to kept checkpoints, a line each: a checkpoint is kept before it is cosigned, and by one witness before another.
    private static let cosignatures =
        "CREATE TABLE cosignatures(size INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY(size, line)) STRICT, WITHOUT ROWID"

    /// A redaction must be one that an entry of the trail can have decided. And what Vestige itself wrote is found without a walk through
    /// everything else: holds, redactions, erasures and the policy are folds over few entries among many.
    private static let addedInVersion2 = [
        "CREATE INDEX index_rows_own ON index_rows(action, seq) WHERE channel = '\(ownChannel)'",
        """
        CREATE TRIGGER redactions_decided BEFORE INSERT ON redactions
        WHEN NOT EXISTS (SELECT 1 FROM leaves WHERE seq = NEW.seq)
        OR NOT EXISTS (SELECT 1 FROM leaves WHERE substr(leaf, 2, 16) = NEW.entry AND seq > NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'a redaction names an entry, and a later one that decides it'); END
        """,
        // Actions that begin with "audit." lie between these two: "/" follows ".".
        """
        CREATE TRIGGER redactions_own BEFORE INSERT ON redactions
        WHEN EXISTS (SELECT 1 FROM index_rows WHERE seq = NEW.seq AND channel = '\(ownChannel)'
            AND NOT (action >= 'audit.' AND action < 'audit/'))
        BEGIN SELECT RAISE(ABORT, 'what Vestige itself wrote keeps its body'); END
        """,
        guarding("cosignatures", "size = NEW.size AND line = NEW.line"), refusal(of: "UPDATE", on: "cosignatures"),
        refusal(of: "DELETE", on: "cosignatures"),
    ]

    /// A plan must be one that an entry of the trail can have decided, and does not take what Vestige itself wrote.
    private static let addedInVersion3 = [
        """
        CREATE TRIGGER plans_decided BEFORE INSERT ON plans
        WHEN NOT EXISTS (SELECT 1 FROM leaves WHERE substr(leaf, 2, 16) = NEW.entry AND seq >= NEW.to_seq)
        BEGIN SELECT RAISE(ABORT, 'a plan names a range, and a later entry that decides it'); END
        """,
        """
        CREATE TRIGGER bodies_own BEFORE DELETE ON bodies
        WHEN EXISTS (SELECT 1 FROM index_rows WHERE seq = OLD.seq AND channel = '\(ownChannel)'
            AND NOT (action >= 'audit.' AND action < 'audit/'))
        BEGIN SELECT RAISE(ABORT, 'what Vestige itself wrote keeps its body'); END
        """,
    ]

    /// What is made after the tables, by a copy only once its rows are in.
    static let guards =
        [
            // The entry id stands in the leaf already; a column of its own would be a second truth.
            "CREATE UNIQUE INDEX leaves_by_id ON leaves(substr(leaf, 2, 16))",
            // recorded_at is big-endian in the leaf: as hexadecimal digits it sorts as a number would.
            """
            CREATE TRIGGER bodies_delete BEFORE DELETE ON bodies
            WHEN NOT EXISTS (SELECT 1 FROM redactions WHERE seq = OLD.seq)
            AND NOT (EXISTS (SELECT 1 FROM plans WHERE to_seq > OLD.seq AND from_seq <= OLD.seq)
                AND EXISTS (SELECT 1 FROM leaves WHERE seq = OLD.seq AND hex(substr(leaf, 18, 8))
                    < printf('%016X', (CAST(strftime('%s', 'now') AS INTEGER) - \(retentionFloorDays * 86_400)) * 1000000)))
            BEGIN SELECT RAISE(ABORT, 'a body goes only by redaction, or by a retention plan after \(retentionFloorDays) days'); END
            """,
            """
            CREATE TRIGGER head_grows BEFORE UPDATE ON head
            WHEN NEW.one <> OLD.one OR NEW.size < OLD.size OR NEW.recorded_at < OLD.recorded_at
            BEGIN SELECT RAISE(ABORT, 'the newest checkpoint only grows'); END
            """,
            refusal(of: "DELETE", on: "head"),
            guarding("head", "one = NEW.one"),
            guarding("leaves", "seq = NEW.seq OR substr(leaf, 2, 16) = substr(NEW.leaf, 2, 16)"),
            refusal(of: "UPDATE", on: "bodies"),
            guarding("bodies", "seq = NEW.seq"),
            guarding("tiles", "level = NEW.level AND idx = NEW.idx"),
            guarding("checkpoints", "size = NEW.size"),
            guarding("redactions", "seq = NEW.seq"),
            guarding("plans", "to_seq = NEW.to_seq AND from_seq = NEW.from_seq AND id = NEW.id"),
            guarding("meta", "key = NEW.key"),
        ]
        + ["leaves", "tiles", "checkpoints", "redactions", "plans", "meta"].flatMap {
            [refusal(of: "UPDATE", on: $0), refusal(of: "DELETE", on: $0)]
        }
        + addedInVersion2 + addedInVersion3

    private static func refusal(of verb: String, on table: String) -> String {
        """
        CREATE TRIGGER \(table)_\(verb.lowercased()) BEFORE \(verb) ON \(table)
        BEGIN SELECT RAISE(ABORT, '\(table) are never changed'); END
        """
    }

    /// `INSERT OR REPLACE` would delete without a word where a connection has recursive triggers off.
    private static func guarding(_ table: String, _ same: String) -> String {
        """
        CREATE TRIGGER \(table)_insert BEFORE INSERT ON \(table)
        WHEN EXISTS (SELECT 1 FROM \(table) WHERE \(same))
        BEGIN SELECT RAISE(ABORT, '\(table): this key is taken'); END
        """
    }
}
