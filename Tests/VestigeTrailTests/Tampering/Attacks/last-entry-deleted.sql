-- finds: size 599, checkpoint
-- refused: leaves are never changed
-- opening: the tree lacks hashes
-- The whole last entry.
DELETE FROM leaves WHERE seq = 599; DELETE FROM bodies WHERE seq = 599; DELETE FROM index_rows WHERE seq = 599; DELETE FROM terms WHERE seq = 599;
