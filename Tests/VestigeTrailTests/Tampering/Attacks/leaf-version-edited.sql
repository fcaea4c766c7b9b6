-- finds: leaf 322, tile 511, checkpoint
-- refused: leaves are never changed
-- A leaf of a version that does not exist.
UPDATE leaves SET leaf = flip(leaf, 0) WHERE seq = 322;
