-- finds: header 318, tile 511, checkpoint
-- refused: leaves are never changed
-- What a leaf says of its header.
UPDATE leaves SET leaf = flip(leaf, 30) WHERE seq = 318;
