-- finds: tile 511
-- refused: tiles are never changed
-- outside: tile 0/1
-- A tile.
DELETE FROM tiles WHERE level = 0 AND idx = 1;
