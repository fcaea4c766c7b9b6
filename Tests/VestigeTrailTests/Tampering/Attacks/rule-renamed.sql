-- finds: database
-- opening: its schema was changed (leaves_Delete is not what it is called)
-- outside: nothing
-- A rule stands under a name that differs in one letter's case, which SQLite does not mind.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET name = 'leaves_Delete' WHERE name = 'leaves_delete';
PRAGMA writable_schema = RESET;
