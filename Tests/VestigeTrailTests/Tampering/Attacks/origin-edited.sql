-- finds: checkpoint
-- refused: meta are never changed
-- opening: another trail
-- outside: nothing
-- The file calls itself another trail's.
UPDATE meta SET value = CAST('vestige.local/other' AS BLOB) WHERE key = 'origin';
