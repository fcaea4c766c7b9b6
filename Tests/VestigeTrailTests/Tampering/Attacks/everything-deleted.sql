-- finds: size 0, stray 0, stray 1, checkpoint
-- refused: leaves are never changed
-- opening: the tree lacks hashes
-- outside: size, tile, checkpoint
-- All entries.
DELETE FROM leaves WHERE true; DELETE FROM bodies WHERE true; DELETE FROM index_rows WHERE true; DELETE FROM terms WHERE true;
