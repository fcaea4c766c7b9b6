-- finds: leaf 321, tile 511, checkpoint
-- refused: leaves are never changed
-- An entry was recorded a microsecond later.
UPDATE leaves SET leaf = flip(leaf, 24) WHERE seq = 320;
