-- finds: size 599, tile 511, checkpoint
-- refused: leaves are never changed
-- opening: the tree lacks hashes
-- A whole entry in the middle; those above it move down by one.
DELETE FROM leaves WHERE seq = 400; DELETE FROM bodies WHERE seq = 400; DELETE FROM index_rows WHERE seq = 400; DELETE FROM terms WHERE seq = 400;
UPDATE leaves SET seq = -seq WHERE seq > 400; UPDATE leaves SET seq = -seq - 1 WHERE seq < 0;
UPDATE bodies SET seq = -seq WHERE seq > 400; UPDATE bodies SET seq = -seq - 1 WHERE seq < 0;
UPDATE index_rows SET seq = -seq WHERE seq > 400; UPDATE index_rows SET seq = -seq - 1 WHERE seq < 0;
UPDATE terms SET seq = -seq WHERE seq > 400; UPDATE terms SET seq = -seq - 1 WHERE seq < 0;
