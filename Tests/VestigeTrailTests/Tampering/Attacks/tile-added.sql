-- finds: stray 2
-- outside: tile 0/2
-- A tile that cannot be full yet.
INSERT INTO tiles SELECT level, 2, hashes FROM tiles WHERE idx = 1;
