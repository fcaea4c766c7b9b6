-- finds: tile 255
-- refused: tiles are never changed
-- opening: does not lead to its newest checkpoint
-- outside: tile 0/0
-- One hash in a tile.
UPDATE tiles SET hashes = flip(hashes, 99) WHERE level = 0 AND idx = 0;
