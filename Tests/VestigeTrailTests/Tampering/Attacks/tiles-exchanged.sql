-- finds: tile 255, tile 511
-- refused: tiles are never changed
-- opening: does not lead to its newest checkpoint
-- outside: tile 0/0, tile 0/1
-- Two tiles exchange their places.
UPDATE tiles SET idx = 9 WHERE idx = 0; UPDATE tiles SET idx = 0 WHERE idx = 1; UPDATE tiles SET idx = 1 WHERE idx = 9;
