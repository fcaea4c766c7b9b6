#ifndef CSQLITE_EXTRAS_H
#define CSQLITE_EXTRAS_H

#include <sqlite3.h>

/// `sqlite3_db_config` is variadic, which Swift cannot call. Each function sets one switch and returns
/// SQLite's result code; the value that the connection then has is checked before it returns
/// (`SQLITE_MISUSE` if it did not take).

/// Forbids what corrupts a file through plain SQL (`SQLITE_DBCONFIG_DEFENSIVE`).
int vestige_sqlite_defensive(sqlite3 *db);

/// Functions and virtual tables named by the schema itself are not run (`SQLITE_DBCONFIG_TRUSTED_SCHEMA` off).
int vestige_sqlite_untrusted_schema(sqlite3 *db);

/// The last close of a file does not write the WAL back (`SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE`).
int vestige_sqlite_no_checkpoint_on_close(sqlite3 *db);

#endif
