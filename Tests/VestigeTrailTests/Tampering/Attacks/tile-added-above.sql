-- finds: stray 0
-- outside: tile 1/0
-- A tile of a level that has none yet.
INSERT INTO tiles SELECT 1, 0, hashes FROM tiles WHERE idx = 1;
