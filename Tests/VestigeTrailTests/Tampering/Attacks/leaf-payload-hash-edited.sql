-- finds: payload 319, tile 511, checkpoint
-- refused: leaves are never changed
-- What a leaf says of its payload.
UPDATE leaves SET leaf = flip(leaf, 88) WHERE seq = 319;
