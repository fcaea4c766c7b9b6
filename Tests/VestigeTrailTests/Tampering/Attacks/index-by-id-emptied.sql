-- finds: database
-- outside: nothing
-- The index by id leads to no entry any more; each table is as it was.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = sql || ' WHERE 0' WHERE name = 'leaves_by_id';
PRAGMA writable_schema = RESET;
REINDEX leaves_by_id;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' WHERE 0', '') WHERE name = 'leaves_by_id';
PRAGMA writable_schema = RESET;
