/// The tables of `vault.sqlite` and the rules that hold whoever writes them.
///
/// WITHOUT ROWID: two tables filled together would join by rowid. No times, no order of insertion.
enum VaultSchema {
    static let file = DatabaseFile(
        name: "vault.sqlite", noun: "vault", applicationID: 0x5653_5641, version: 3, journal: .delete,
        schema: tables + triggers + addedInVersion2 + addedInVersion3, additions: [2: addedInVersion2, 3: addedInVersion3])

    private static let tables = [
        """
        CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK(one = 0), vault BLOB NOT NULL CHECK(length(vault) = 16), lookup_key BLOB NOT NULL,
            current_kek INTEGER NOT NULL, least_kek INTEGER NOT NULL CHECK(least_kek <= current_kek), epoch INTEGER NOT NULL,
            trail BLOB NOT NULL CHECK(length(trail) = 16), checkpoint TEXT NOT NULL, size INTEGER NOT NULL,
            replayed_through INTEGER NOT NULL) STRICT
        """,
        """
        CREATE TABLE keys(pseudonym BLOB PRIMARY KEY CHECK(length(pseudonym) = 16), role INTEGER NOT NULL,
            state INTEGER NOT NULL CHECK(state IN (1, 2, 3)), wrapped BLOB, identity BLOB, held INTEGER NOT NULL CHECK(held IN (0, 1)),
            due INTEGER, CHECK(state <> 1 OR wrapped IS NOT NULL),
            CHECK(state <> 3 OR (wrapped IS NULL AND identity IS NULL AND held = 0 AND due IS NULL))) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX keys_by_due ON keys(due) WHERE due IS NOT NULL",
        """
        CREATE TABLE directory(lookup BLOB NOT NULL CHECK(length(lookup) = 32), role INTEGER NOT NULL,
            locator BLOB NOT NULL CHECK(length(locator) = 16), sealed BLOB NOT NULL, PRIMARY KEY(lookup, role)) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX directory_by_locator ON directory(locator)",
        """
        CREATE TABLE fences(lookup BLOB NOT NULL CHECK(length(lookup) = 32), role INTEGER NOT NULL, until INTEGER NOT NULL,
            PRIMARY KEY(lookup, role)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE erasures(erasure BLOB PRIMARY KEY CHECK(length(erasure) = 16), started BLOB NOT NULL CHECK(length(started) = 16),
            completed BLOB NOT NULL CHECK(length(completed) = 16), step INTEGER NOT NULL CHECK(step IN (1, 2))) STRICT, WITHOUT ROWID
        """,
        // A key is in one erasure at a time.
        """
        CREATE TABLE erasure_keys(pseudonym BLOB PRIMARY KEY CHECK(length(pseudonym) = 16), role INTEGER NOT NULL,
            erasure BLOB NOT NULL) STRICT, WITHOUT ROWID
        """,
    ]

    /// Further identifiers of people, and the blind index over values of hosts.
    private static let addedInVersion2 =
        [
            """
            CREATE TABLE links(lookup BLOB NOT NULL CHECK(length(lookup) = 32), role INTEGER NOT NULL,
                locator BLOB NOT NULL CHECK(length(locator) = 16), sealed BLOB NOT NULL, PRIMARY KEY(lookup, role)) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX links_by_locator ON links(locator)",
            """
            CREATE TABLE blind_index(token BLOB NOT NULL CHECK(length(token) = 32), locator BLOB NOT NULL CHECK(length(locator) = 16),
                sealed BLOB NOT NULL, PRIMARY KEY(token, locator)) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX blind_index_by_locator ON blind_index(locator)",
        ] + leastKEK("blind_index", "sealed")

    /// Holds are held against the trail at every start: who is held must be found without reading everybody.
    private static let addedInVersion3 = ["CREATE INDEX keys_by_hold ON keys(pseudonym) WHERE held = 1"]

    private static let triggers =
        [
            trigger(
                "meta_grows", "BEFORE UPDATE ON meta",
                """
                NEW.vault <> OLD.vault OR NEW.current_kek < OLD.current_kek OR NEW.least_kek < OLD.least_kek OR NEW.epoch < OLD.epoch
                OR (NEW.trail = OLD.trail AND (NEW.size < OLD.size OR NEW.replayed_through < OLD.replayed_through))
                """, "key numbers, epoch and watermark only grow"),
            trigger("meta_delete", "BEFORE DELETE ON meta", nil, "the row about the vault stays"),
            trigger("meta_insert", "BEFORE INSERT ON meta", "EXISTS (SELECT 1 FROM meta)", "there is a vault already"),
            trigger(
                "keys_forward", "BEFORE UPDATE ON keys",
                """
                NEW.pseudonym <> OLD.pseudonym OR NEW.role <> OLD.role OR NEW.state < OLD.state
                OR (OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL)
                """, "a key only goes from active to erasing to erased"),
            trigger("keys_delete", "BEFORE DELETE ON keys", nil, "a key row stays: erased is a state"),
            trigger(
                "keys_insert", "BEFORE INSERT ON keys", "EXISTS (SELECT 1 FROM keys WHERE pseudonym = NEW.pseudonym)",
                "this pseudonym has a row"),
            trigger(
                "directory_insert", "BEFORE INSERT ON directory",
                "EXISTS (SELECT 1 FROM directory WHERE lookup = NEW.lookup AND role = NEW.role)", "this lookup has a row"),
        ]
        + leastKEK("keys", "wrapped") + leastKEK("directory", "sealed")

    private static func leastKEK(_ table: String, _ column: String) -> [String] {
        ["INSERT", "UPDATE"].map { verb in
            // The id of the KEK stands in bytes 1 to 4, big-endian: as hexadecimal digits it sorts as a number would.
            trigger(
                "\(table)_kek_\(verb.lowercased())", "BEFORE \(verb) ON \(table)",
                "hex(substr(NEW.\(column), 2, 4)) < (SELECT printf('%08X', least_kek) FROM meta) AND NEW.\(column) IS NOT NULL",
                "wrapped under a key-encryption key that is gone")
        }
    }

    private static func trigger(_ name: String, _ occasion: String, _ condition: String?, _ message: String) -> String {
        "CREATE TRIGGER \(name) \(occasion)\n\(condition.map { "WHEN \($0)\n" } ?? "")BEGIN SELECT RAISE(ABORT, '\(message)'); END"
    }
}
