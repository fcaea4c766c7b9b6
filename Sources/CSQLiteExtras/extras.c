#include "CSQLiteExtras.h"

static int set(sqlite3 *db, int option, int value) {
    int now = -1;
    int code = sqlite3_db_config(db, option, value, &now);
    if (code != SQLITE_OK) return code;
    return now == value ? SQLITE_OK : SQLITE_MISUSE;
}

int vestige_sqlite_defensive(sqlite3 *db) {
    return set(db, SQLITE_DBCONFIG_DEFENSIVE, 1);
}

int vestige_sqlite_untrusted_schema(sqlite3 *db) {
    return set(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
}

int vestige_sqlite_no_checkpoint_on_close(sqlite3 *db) {
    return set(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
}
