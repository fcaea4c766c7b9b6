-- finds: header 323, tile 511, checkpoint
-- refused: leaves are never changed
-- Another id in a leaf.
UPDATE leaves SET leaf = flip(leaf, 16) WHERE seq = 323;
