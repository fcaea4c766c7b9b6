-- finds: size 599, stray 599, checkpoint
-- refused: leaves are never changed
-- opening: the tree lacks hashes
-- The last leaf, and its body is left.
DELETE FROM leaves WHERE seq = 599;
