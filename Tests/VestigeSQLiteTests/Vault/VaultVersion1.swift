import GRDB

/// A vault's file as the first version of the program wrote it: the schema's text is copied, not shared, so that it stays what it was.
enum VaultVersion1 {
    static func create(at path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = 1448302145; PRAGMA user_version = 1")
            for statement in schema { try db.execute(sql: statement) }
        }
        try queue.close()
    }

    private static let schema = [
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
        """
        CREATE INDEX keys_by_due ON keys(due) WHERE due IS NOT NULL
        """,
        """
        CREATE TABLE directory(lookup BLOB NOT NULL CHECK(length(lookup) = 32), role INTEGER NOT NULL,
            locator BLOB NOT NULL CHECK(length(locator) = 16), sealed BLOB NOT NULL, PRIMARY KEY(lookup, role)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE INDEX directory_by_locator ON directory(locator)
        """,
        """
        CREATE TABLE fences(lookup BLOB NOT NULL CHECK(length(lookup) = 32), role INTEGER NOT NULL, until INTEGER NOT NULL,
            PRIMARY KEY(lookup, role)) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE erasures(erasure BLOB PRIMARY KEY CHECK(length(erasure) = 16), started BLOB NOT NULL CHECK(length(started) = 16),
            completed BLOB NOT NULL CHECK(length(completed) = 16), step INTEGER NOT NULL CHECK(step IN (1, 2))) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE erasure_keys(pseudonym BLOB PRIMARY KEY CHECK(length(pseudonym) = 16), role INTEGER NOT NULL,
            erasure BLOB NOT NULL) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TRIGGER meta_grows BEFORE UPDATE ON meta
        WHEN NEW.vault <> OLD.vault OR NEW.current_kek < OLD.current_kek OR NEW.least_kek < OLD.least_kek OR NEW.epoch < OLD.epoch
        OR (NEW.trail = OLD.trail AND (NEW.size < OLD.size OR NEW.replayed_through < OLD.replayed_through))
        BEGIN SELECT RAISE(ABORT, 'key numbers, epoch and watermark only grow'); END
        """,
        """
        CREATE TRIGGER meta_delete BEFORE DELETE ON meta
        BEGIN SELECT RAISE(ABORT, 'the row about the vault stays'); END
        """,
        """
        CREATE TRIGGER meta_insert BEFORE INSERT ON meta
        WHEN EXISTS (SELECT 1 FROM meta)
        BEGIN SELECT RAISE(ABORT, 'there is a vault already'); END
        """,
        """
        CREATE TRIGGER keys_forward BEFORE UPDATE ON keys
        WHEN NEW.pseudonym <> OLD.pseudonym OR NEW.role <> OLD.role OR NEW.state < OLD.state
        OR (OLD.wrapped IS NULL AND NEW.wrapped IS NOT NULL)
        BEGIN SELECT RAISE(ABORT, 'a key only goes from active to erasing to erased'); END
        """,
        """
        CREATE TRIGGER keys_delete BEFORE DELETE ON keys
        BEGIN SELECT RAISE(ABORT, 'a key row stays: erased is a state'); END
        """,
        """
        CREATE TRIGGER keys_insert BEFORE INSERT ON keys
        WHEN EXISTS (SELECT 1 FROM keys WHERE pseudonym = NEW.pseudonym)
        BEGIN SELECT RAISE(ABORT, 'this pseudonym has a row'); END
        """,
        """
        CREATE TRIGGER directory_insert BEFORE INSERT ON directory
        WHEN EXISTS (SELECT 1 FROM directory WHERE lookup = NEW.lookup AND role = NEW.role)
        BEGIN SELECT RAISE(ABORT, 'this lookup has a row'); END
        """,
        """
        CREATE TRIGGER keys_kek_insert BEFORE INSERT ON keys
        WHEN hex(substr(NEW.wrapped, 2, 4)) < (SELECT printf('%08X', least_kek) FROM meta) AND NEW.wrapped IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'wrapped under a key-encryption key that is gone'); END
        """,
        """
        CREATE TRIGGER keys_kek_update BEFORE UPDATE ON keys
        WHEN hex(substr(NEW.wrapped, 2, 4)) < (SELECT printf('%08X', least_kek) FROM meta) AND NEW.wrapped IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'wrapped under a key-encryption key that is gone'); END
        """,
        """
        CREATE TRIGGER directory_kek_insert BEFORE INSERT ON directory
        WHEN hex(substr(NEW.sealed, 2, 4)) < (SELECT printf('%08X', least_kek) FROM meta) AND NEW.sealed IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'wrapped under a key-encryption key that is gone'); END
        """,
        """
        CREATE TRIGGER directory_kek_update BEFORE UPDATE ON directory
        WHEN hex(substr(NEW.sealed, 2, 4)) < (SELECT printf('%08X', least_kek) FROM meta) AND NEW.sealed IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'wrapped under a key-encryption key that is gone'); END
        """,
    ]
}
