-- finds: stray
-- outside: stray -5
-- refused: a plan names a range, and a later entry that decides it
-- A plan's row that names places which no entry can have.
INSERT INTO plans VALUES (-1, -5, zeroblob(16), 1, zeroblob(32), zeroblob(16));
