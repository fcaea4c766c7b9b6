-- finds: size 200, checkpoint
-- refused: leaves are never changed
-- A leaf in the middle, and its body is left.
DELETE FROM leaves WHERE seq = 200;
