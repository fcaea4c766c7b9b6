-- finds: size 201, checkpoint
-- refused: leaves are never changed
-- A whole entry in the middle.
DELETE FROM leaves WHERE seq = 201; DELETE FROM bodies WHERE seq = 201; DELETE FROM index_rows WHERE seq = 201; DELETE FROM terms WHERE seq = 201;
